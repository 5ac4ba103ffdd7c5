import { request as httpRequest } from 'node:http'
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
    expect((await control('GET', '/stats')).body).toEqual({ calls: {}, phoneCallsBilled: 1, yuan: 0.03 })
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
