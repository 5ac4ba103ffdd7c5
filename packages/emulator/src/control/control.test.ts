import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../emulator.js'

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-of-the-app' }
const emulator: Emulator = await startEmulator({ apps: [app] })
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

async function control(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${emulator.url}/_emulator${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(text !== undefined && { body: text as string }),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown> & { length?: number },
  }
}

describe('the control routes', () => {
  it('make people and hand out what their phone would get', async () => {
    const { body: user } = await control('POST', '/users', { phone: '13800000000', name: '林晓' })
    expect(user).toMatchObject({
      id: expect.any(String),
      name: '林晓',
      phone: '+8613800000000',
      openid: expect.stringMatching(/^o/),
      unionid: null,
    })
    expect((await control('POST', `/users/${user.id}/login-code`)).body).toEqual({
      code: expect.stringMatching(/^0\w{31}$/),
    })
    expect((await control('POST', `/users/${user.id}/phone-code`, {})).body).toEqual({
      code: expect.stringMatching(/^[0-9a-f]{64}$/),
      encryptedData: expect.any(String),
      iv: expect.any(String),
    })
    expect((await control('GET', '/users')).body).toEqual([user])
    expect((await control('GET', '/stats')).body).toMatchObject({ calls: {}, phoneCallsBilled: 1, yuan: 0.03 })
  })

  it('keep the openid of a fixed id over a reset, and take given ones', async () => {
    const first = (await control('POST', '/users', { id: 'lin' })).body
    await control('POST', '/reset')
    expect((await control('POST', '/users', { id: 'lin' })).body).toEqual(first)
    expect((await control('POST', '/users', { openid: 'oGZUI0egBJY1zhBYw2KhdUfwVJJE' })).body.openid).toBe(
      'oGZUI0egBJY1zhBYw2KhdUfwVJJE',
    )
  })

  it('tell what the phone button gets where it may not', async () => {
    await control('POST', '/apps', { appid: 'wxp', secret: 's', personal: true })
    const { body: user } = await control('POST', '/users', { phone: '13800000000' })
    expect(await control('POST', `/users/${user.id}/phone-code`, { appid: 'wxp' })).toMatchObject({
      status: 403,
      body: { error: 'PHONE_REFUSED', errMsg: 'getPhoneNumber:fail no permission' },
    })
  })

  it('move the clock, and forget everything on reset', async () => {
    const before = Date.now()
    const { body } = await control('POST', '/clock', { advanceSeconds: 3600 })
    expect(new Date(String(body.now)).getTime()).toBeGreaterThanOrEqual(before + 3_600_000)
    await control('POST', '/users', {})
    await control('POST', '/reset')
    expect((await control('GET', '/users')).body).toEqual([])
    expect(
      Math.abs(
        new Date(String((await control('POST', '/clock', { advanceSeconds: 0 })).body.now)).getTime() - Date.now(),
      ),
    ).toBeLessThan(5000)
  })

  it('never show the secret of an app', async () => {
    await control('POST', '/apps', { appid: 'wxnew', secret: 'another-secret' })
    const text = JSON.stringify((await control('GET', '/apps')).body)
    expect(text).toContain('wxnew')
    expect(text).not.toMatch(/secret-of-the-app|another-secret/)
  })

  it.each<[string, string, unknown, number]>([
    ['POST', '/users', '{', 400],
    ['POST', '/users', { phone: 'abc' }, 400],
    ['POST', '/users', { phone: 138 }, 400],
    ['POST', '/users', { appid: 'wx0' }, 404],
    ['POST', '/users/nobody/login-code', {}, 404],
    ['POST', '/users/nobody/phone-code', {}, 404],
    ['POST', '/clock', { advanceSeconds: 'x' }, 400],
    ['POST', '/clock', { advanceSeconds: -5 }, 400],
    ['POST', '/clock', {}, 400],
    ['POST', '/clock', { advanceSeconds: null }, 400],
    ['POST', '/clock', { advanceSeconds: '60' }, 400],
    ['POST', '/clock', { advanceSeconds: 1e300 }, 400],
    ['POST', '/users', 'null', 400],
    ['POST', '/users', [], 400],
    ['POST', '/users', { phone: 13800000000 }, 400],
    ['POST', '/users', { phone: '+14155550100', countryCode: '44' }, 400],
    ['POST', '/users', { openid: '' }, 400],
    ['POST', '/users', '{"__proto__":{"id":"x"}}', 400],
    ['POST', '/faults', { path: '/cgi-bin/token' }, 400],
    ['POST', '/faults', { path: '/cgi-bin/token', reset: false }, 400],
    ['POST', '/faults', { path: '/cgi-bin/token', errcode: '-1' }, 400],
    ['POST', '/apps', { appid: 'x', secret: 'y', personal: 'no' }, 400],
    ['POST', '/apps', { appid: 'x', secret: 'y', phoneQuota: -1 }, 400],
    ['POST', '/faults', {}, 400],
    ['POST', '/faults', { path: 'sns' }, 400],
    ['POST', '/faults', { path: '/x', times: 0 }, 400],
    ['POST', '/apps', { appid: 'x' }, 400],
    ['POST', '/apps', { appid: 'x', secret: 'y', push: { url: 'http://127.0.0.1' } }, 400],
    ['POST', '/apps', { appid: 'x', secret: 'y', security: { symmetricKey: 'AAAA', symmetricSn: 's' } }, 400],
    ['POST', '/faults', { path: '/cgi-bin/nothing', errcode: -1 }, 400],
    ['POST', '/faults', { path: '/cgi-bin/token', errcode: -1, chance: 0 }, 400],
    ['POST', '/faults', { path: '/cgi-bin/token', errcode: -1, chance: 2 }, 400],
    ['POST', '/faults', { path: '/cgi-bin/token', trickleMs: 0 }, 400],
    ['DELETE', '/faults/9', undefined, 404],
    ['PATCH', '/users/nobody', { name: 'x' }, 404],
    ['PATCH', '/users/nobody', { riskRank: 5 }, 400],
    ['POST', '/users', { phones: ['13800000000', 'x'] }, 400],
    ['POST', '/users/nobody/pay', {}, 404],
    ['POST', '/quotas', { path: '/cgi-bin/nothing', perDay: 1 }, 400],
    ['POST', '/quotas', { path: '/cgi-bin/token', perDay: -1 }, 400],
    ['POST', '/quotas', { appid: 'wx0', path: '/cgi-bin/token', perDay: 1 }, 404],
    ['POST', '/settings', { sessionKeyRotateChance: 2 }, 400],
    ['POST', '/settings', { sessionKeyTtlSeconds: '60' }, 400],
    ['POST', '/tokens/void', { family: 'both' }, 400],
    ['POST', '/push', { userId: 'nobody', event: 'subscribe' }, 400],
    ['POST', '/push', { userId: 'nobody', event: 'user_info_modified' }, 400],
    ['GET', '/calls?after=x', undefined, 400],
    ['GET', '/nowhere', undefined, 404],
    ['DELETE', '/users', undefined, 404],
  ])('%s %s with %j is refused, and changes nothing', async (method, path, body, status) => {
    const answer = await control(method, path, body)
    expect(answer.status).toBe(status)
    expect(answer.body).toEqual({ error: expect.any(String), message: expect.any(String) })
    expect((await control('GET', '/users')).body).toEqual([])
    expect((await control('GET', '/apps')).body).toEqual([{ appid: app.appid }])
    const { body: clock } = await control('POST', '/clock', { advanceSeconds: 0 })
    expect(Math.abs(new Date(String(clock.now)).getTime() - Date.now())).toBeLessThan(5000)
    expect((await fetch(`${emulator.url}/cgi-bin/token`)).headers.get('content-type')).toContain('json')
  })

  it('tell when the quota is used up, with the errno of the button', async () => {
    await control('POST', '/apps', { appid: 'wxq', secret: 's', name: 'Quota', phoneQuota: 1 })
    const { body: user } = await control('POST', '/users', { phone: '4155550100', countryCode: '1' })
    expect(user.phone).toBe('+14155550100')
    expect((await control('POST', `/users/${user.id}/phone-code`, { appid: 'wxq' })).status).toBe(200)
    expect(await control('POST', `/users/${user.id}/phone-code`, { appid: 'wxq' })).toMatchObject({
      status: 403,
      body: { errno: 1400001, errMsg: expect.stringMatching(/^getPhoneNumber:fail/) },
    })
  })

  it('bend an endpoint', async () => {
    expect((await control('POST', '/faults', { path: '/cgi-bin/token', errcode: 45009, delayMs: 1 })).status).toBe(200)
    const ask = async () => (await (await fetch(`${emulator.url}/cgi-bin/token`)).json()) as { errcode: number }
    expect([(await ask()).errcode, (await ask()).errcode]).toEqual([45009, 41002])
  })

  it('change a person, and choose which number the button gives', async () => {
    const { body: user } = await control('POST', '/users', { phones: ['13800000000', '+14155550100'] })
    const changed = await control('PATCH', `/users/${user.id}`, { phone: '+14155550100', name: 'Maya', blocked: true })
    expect(changed.body).toMatchObject({
      name: 'Maya',
      phone: '+14155550100',
      phones: ['+8613800000000', '+14155550100'],
      blocked: true,
    })
    expect((await control('PATCH', `/users/${user.id}`, { phone: null })).body).toMatchObject({
      phone: null,
      phones: [],
    })
    expect((await control('PATCH', `/users/${user.id}`, { phone: 'x', name: 'Not Maya' })).status).toBe(400)
    expect((await control('GET', '/users')).body).toMatchObject([{ name: 'Maya' }])
  })

  it('play both buttons, wx.checkSession, wx.pluginLogin and a payment', async () => {
    const { id } = (await control('POST', '/users', { phone: '13800000000' })).body
    const post = async (verb: string, body: object = {}) => (await control('POST', `/users/${id}/${verb}`, body)).body
    expect(await post('phone-code', { realtime: true })).toEqual({ code: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(Object.keys(await post('phone-code', { realtime: false }))).toEqual(['code', 'encryptedData', 'iv'])
    expect((await control('GET', '/stats')).body.phoneTaps).toEqual({ quick: 1, realtime: 1 })
    expect(await post('plugin-code')).toEqual({ code: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(await post('pay', { mchId: '1600000001' })).toMatchObject({
      mchId: '1600000001',
      outTradeNo: expect.any(String),
    })
    await control('POST', '/reset')
    await control('POST', '/users', { id: 'lin' })
    expect((await control('POST', '/users/lin/check-session')).body).toEqual({ valid: false })
    await control('POST', '/users/lin/login-code')
    expect((await control('POST', '/users/lin/check-session')).body).toEqual({ valid: true })
  })

  it('tell the errno of a login that is blocked', async () => {
    await control('POST', '/apps', { appid: 'wxl', secret: 's', loginBlocked: true })
    const { id } = (await control('POST', '/users', {})).body
    expect(await control('POST', `/users/${id}/login-code`, { appid: 'wxl' })).toMatchObject({
      status: 403,
      body: { error: 'LOGIN_REFUSED', errMsg: 'login:fail', errno: 1402101 },
    })
  })

  it('list faults and remove them, one by one and all', async () => {
    const path = '/cgi-bin/token'
    const { body: first } = await control('POST', '/faults', { path, errcode: -1, times: 2 })
    await control('POST', '/faults', { path, status: 502, chance: 1 })
    expect((await control('GET', '/faults')).body).toMatchObject([
      { id: first.id, left: 2, taken: 0 },
      { left: null, chance: 1 },
    ])
    expect((await control('DELETE', `/faults/${first.id}`)).status).toBe(200)
    expect((await control('GET', '/faults')).body).toHaveLength(1)
    await control('DELETE', '/faults')
    expect((await control('GET', '/faults')).body).toEqual([])
    expect((await fetch(`${emulator.url}${path}`)).status).toBe(200)
  })

  it('name the endpoints when a fault is meant for none', async () => {
    const { body } = await control('POST', '/faults', { path: '/cgi-bin/tokens', errcode: -1 })
    expect(body.message).toMatch(/^path: \/cgi-bin\/tokens is none of the endpoints: .*\/cgi-bin\/token /)
  })

  it('set quotas and settings, void tokens, rotate keys, and tell the time', async () => {
    expect((await control('POST', '/quotas', { path: '/cgi-bin/token', perDay: 0 })).status).toBe(200)
    const query = new URLSearchParams({ grant_type: 'client_credential', ...app })
    const answer = await fetch(`${emulator.url}/cgi-bin/token?${query}`)
    expect(((await answer.json()) as { errcode: number }).errcode).toBe(45009)
    const changed = await control('POST', '/settings', { sessionKeyRotateAlways: true, sessionKeyTtlSeconds: 60 })
    expect(changed.body).toMatchObject({ sessionKeyRotateAlways: true, sessionKeyTtlSeconds: 60 })
    expect((await control('GET', '/settings')).body).toEqual(changed.body)
    expect((await control('POST', '/tokens/void', { family: 'legacy' })).body).toEqual({})
    const { body: keys } = await control('GET', '/platform-keys')
    expect(keys).toEqual({
      current: {
        serial: expect.stringMatching(/^[0-9A-F]{32}$/),
        publicKey: expect.stringMatching(/^-----BEGIN PUBLIC/),
      },
      deprecated: null,
    })
    expect((await control('POST', '/platform-keys/rotate')).body.deprecated).toEqual(keys.current)
    expect((await control('POST', '/platform-keys/retire')).body.deprecated).toBeNull()
    const { body: clock } = await control('GET', '/clock')
    expect(Math.abs(new Date(String(clock.now)).getTime() - Date.now())).toBeLessThan(5000)
  })

  it('send a push and tell what came of it', async () => {
    const received: string[] = []
    const server = createServer((request, response) => {
      request.on('data', chunk => received.push(String(chunk))).on('end', () => response.end())
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    await control('POST', '/apps', { ...app, push: { url, token: 't' } })
    const { id } = (await control('POST', '/users', {})).body
    const { body } = await control('POST', '/push', { userId: id, event: 'user_authorization_revoke', revokeInfo: '6' })
    expect(body).toMatchObject({ delivered: true, attempts: [{ status: 200 }], message: { RevokeInfo: '6' } })
    expect(received.map(text => JSON.parse(text))).toEqual([body.message])
    expect((await control('POST', '/push/verify')).body).toMatchObject({ verified: false })
    server.close()
  })

  it('give an overview, of many people the first hundred', async () => {
    for (let i = 0; i < 120; i++) emulator.createUser({ id: `user-${i}` })
    const { body } = await control('GET', '/overview')
    expect(body).toMatchObject({ userCount: 120, apps: [{ appid: app.appid }], faults: [], stats: { yuan: 0 } })
    expect(body.users).toHaveLength(100)
    expect(body.users).toMatchObject([{ id: 'user-0' }, ...Array.from({ length: 99 }, () => ({}))])
    expect(JSON.stringify(body)).not.toContain(app.secret)
  })

  it('name themselves', async () => {
    expect((await control('GET', '')).body.routes).toContain('POST /_emulator/users/:id/phone-code')
    expect((await control('GET', '/')).body).toEqual((await control('GET', '')).body)
  })
})

describe('the list of calls', () => {
  it('tells each call with why it was answered so, and no secret', async () => {
    const user = emulator.createUser({ phone: '13800009999' })
    const { code } = emulator.loginCode(user.id)
    const session = (await (
      await fetch(
        `${emulator.url}/sns/jscode2session?appid=${app.appid}&secret=${app.secret}&js_code=${code}&grant_type=authorization_code`,
      )
    ).json()) as { session_key: string }
    const body = JSON.stringify({ grant_type: 'client_credential', ...app })
    const token = (await (await fetch(`${emulator.url}/cgi-bin/stable_token`, { method: 'POST', body })).json()) as {
      access_token: string
    }
    const phone = emulator.phoneCode(user.id)
    await fetch(`${emulator.url}/wxa/business/getuserphonenumber?access_token=${token.access_token}`, {
      method: 'POST',
      body: JSON.stringify({ code: phone.code, openid: user.openid }),
    })

    const { body: calls } = await control('GET', '/calls')
    expect(calls).toHaveLength(3)
    expect(calls).toMatchObject([
      { path: '/sns/jscode2session', appid: app.appid, status: 200, errcode: 0, why: expect.any(String) },
      { path: '/cgi-bin/stable_token', appid: app.appid },
      { path: '/wxa/business/getuserphonenumber', appid: app.appid, durationMs: expect.any(Number) },
    ])
    const text = JSON.stringify(calls)
    for (const secret of [
      code,
      app.secret,
      session.session_key,
      token.access_token,
      phone.code,
      user.openid,
      '13800009999',
    ])
      expect(text).not.toContain(secret)
    const [, second] = emulator.calls()
    expect((await control('GET', `/calls?after=${second?.id}`)).body).toHaveLength(1)
  })
})

describe('the stream of calls', () => {
  /** Reads from a stream until so many calls came. */
  async function read(response: Response, count: number) {
    const calls: { id: number; path: string }[] = []
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    const decoder = new TextDecoder()
    let text = ''
    while (calls.length < count) {
      text += decoder.decode((await reader.read()).value, { stream: true })
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const [, data] = /^data: (.+)$/m.exec(event) ?? []
        if (data) calls.push(JSON.parse(data))
      }
    }
    await reader.cancel()
    return calls
  }
  const call = () => fetch(`${emulator.url}/cgi-bin/token`)

  it('tells each call as it comes, and continues where a watcher was cut off', async () => {
    const stream = await fetch(`${emulator.url}/_emulator/calls/stream`)
    expect(stream.headers.get('content-type')).toContain('text/event-stream')
    await call()
    await call()
    const [first, second] = await read(stream, 2)
    expect([first?.path, second?.id]).toEqual(['/cgi-bin/token', (first?.id ?? 0) + 1])
    await call()
    const again = await fetch(`${emulator.url}/_emulator/calls/stream`, {
      headers: { 'last-event-id': String(first?.id) },
    })
    expect((await read(again, 2)).map(({ id }) => id)).toEqual([second?.id, (second?.id ?? 0) + 1])
  })

  it('may be read by pages of this machine only', async () => {
    const ask = (origin: string) => fetch(`${emulator.url}/_emulator/calls/stream`, { headers: { origin } })
    const near = await ask('http://localhost:3000')
    expect(near.headers.get('access-control-allow-origin')).toBe('http://localhost:3000')
    await near.body?.cancel()
    expect((await ask('https://evil.example.com')).status).toBe(403)
  })
})

describe('who may steer it', () => {
  it('is a page of this machine, and no other', async () => {
    const near = await control('GET', '/users', undefined, { origin: 'http://localhost:3000' })
    expect([near.status, near.headers.get('access-control-allow-origin')]).toEqual([200, 'http://localhost:3000'])
    const preflight = await fetch(`${emulator.url}/_emulator/users`, {
      method: 'OPTIONS',
      headers: { origin: 'http://[::1]:5173', 'access-control-request-method': 'POST' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, 'http://[::1]:5173'])
    const wechat = await fetch(`${emulator.url}/cgi-bin/token`, { headers: { origin: 'http://localhost:3000' } })
    expect(wechat.headers.get('access-control-allow-origin')).toBeNull()
    for (const origin of ['https://evil.example.com', 'null', 'http://127.0.0.1.evil.example.com']) {
      const far = await control('POST', '/users', {}, { origin })
      expect([far.status, far.headers.get('access-control-allow-origin')]).toEqual([403, null])
    }
    expect(emulator.users()).toEqual([])
  })

  it('is not a name that was bent to this machine', async () => {
    const status = await new Promise(resolve => {
      httpRequest(`${emulator.url}/_emulator/users`, { headers: { host: 'rebound.example.com' } }, response =>
        resolve(response.statusCode),
      ).end()
    })
    expect(status).toBe(403)
  })

  it('is nobody elsewhere: it listens on loopback only unless told to', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.10']) {
      await expect(startEmulator({ host })).rejects.toThrow(/loopback/)
    }
  })
})
