import { createDecipheriv } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { RecordedCall } from './calls/call-log.js'
import { type Emulator, type EmulatorOptions, startEmulator } from './emulator.js'

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a', name: '林间小店' }
const start = new Date('2026-06-01T08:00:00Z')
const client = { appid: app.appid, secret: app.secret }
const tokenPath = '/cgi-bin/token'

let emulator: Emulator
afterEach(() => emulator.close())
const run = async (options: EmulatorOptions = {}) => {
  emulator = await startEmulator({ apps: [app], clock: () => start, ...options })
}

/** Asks an endpoint; gives status and JSON. */
async function ask(path: string, query: Record<string, string> = {}, init: RequestInit = {}) {
  const response = await fetch(`${emulator.url}${path}?${new URLSearchParams(query)}`, init)
  return { status: response.status, body: JSON.parse(await response.text()) }
}
const askToken = (init?: RequestInit) => ask(tokenPath, { grant_type: 'client_credential', ...client }, init)
const exchange = async (code: string) =>
  (await ask('/sns/jscode2session', { ...client, js_code: code, grant_type: 'authorization_code' })).body
const phoneNumber = async (token: string, body: unknown) =>
  (
    await ask(
      '/wxa/business/getuserphonenumber',
      { access_token: token },
      { method: 'POST', body: JSON.stringify(body) },
    )
  ).body

describe('an emulator', () => {
  it('answers at its url until it is closed', async () => {
    await run()
    expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await askToken()).status).toBe(200)
    const { url } = emulator
    await emulator.close()
    await expect(fetch(url)).rejects.toThrow()
  })

  it('knows the development app when none is given, and tells its apps without secrets', async () => {
    emulator = await startEmulator()
    expect(emulator.apps()).toEqual([{ appid: 'wx5f0e1d2c3b4a6978' }])
    emulator.addApp(app)
    expect(emulator.apps().at(-1)).toEqual({ appid: app.appid, name: app.name })
  })

  it('answers 404 as JSON where it has no endpoint', async () => {
    await run()
    expect((await ask('/wxa/nothing')).status).toBe(404)
    expect((await ask(tokenPath, {}, { method: 'PUT' })).status).toBe(404)
    const calls = emulator.calls().map(({ method, path, status, why }) => [method, path, status, why])
    expect(calls).toEqual([
      ['GET', '/wxa/nothing', 404, 'the emulator has no such endpoint'],
      ['PUT', tokenPath, 404, 'the emulator has no such endpoint'],
    ])
  })

  it('can be steered at every loopback address, and by other machines when remote access is allowed, though not by their web pages', async () => {
    await run({ host: '127.0.0.2' })
    expect((await ask('/_emulator/users')).status).toBe(200)
    await emulator.close()
    await run({ allowRemote: true })
    expect((await ask('/_emulator/users')).status).toBe(200)
    expect((await ask('/_emulator/users', {}, { headers: { origin: 'https://far.example.com' } })).status).toBe(403)
  })

  it('is the same twice with the same random bytes', async () => {
    const random = (count: number) => Buffer.alloc(count, 7)
    const once = async () => {
      await run({ random })
      return [emulator.loginCode(emulator.createUser({ id: 'lin' }).id), (await askToken()).body]
    }
    const first = await once()
    await emulator.close()
    expect(await once()).toEqual(first)
  })

  it('does not wait at its close for answers that a fault delays', async () => {
    await run()
    emulator.addFault({ path: tokenPath, delayMs: 60_000 })
    const waiting = askToken().catch(() => 'cut')
    await expect.poll(() => emulator.stats().calls[tokenPath]).toEqual({ '0': 1 })
    await emulator.close()
    expect(await waiting).toBe('cut')
  })
})

describe('the clock', () => {
  it('moves forward only, and not out of reach; a refused move changes nothing', async () => {
    await run()
    expect(emulator.advanceClock(90)).toEqual(new Date('2026-06-01T08:01:30Z'))
    for (const seconds of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e12])
      expect(() => emulator.advanceClock(seconds)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(emulator.advanceClock(0)).toEqual(new Date('2026-06-01T08:01:30Z'))
  })

  it('ages a token of /token that nobody replaced: 42001 after its 7200 s, by POST too', async () => {
    await run()
    const { access_token } = (await askToken({ method: 'POST' })).body
    emulator.advanceClock(7199)
    expect((await phoneNumber(access_token, { code: 'x' })).errcode).toBe(40029)
    emulator.advanceClock(1)
    expect((await phoneNumber(access_token, { code: 'x' })).errcode).toBe(42001)
  })
})

describe('people', () => {
  it('may share a phone; an openid is given or made per app, a unionid per Open Platform account', async () => {
    const bound = { appid: 'wxbound', secret: 's', openPlatform: 'platform' }
    await run({ apps: [app, bound] })
    const [one, two] = [1, 2].map(() => emulator.createUser({ phone: '4155550100', countryCode: '1' }))
    expect([one?.phone, two?.phone]).toEqual(['+14155550100', '+14155550100'])
    expect(one?.openid).not.toBe(two?.openid)
    const given = emulator.createUser({ appid: bound.appid, openid: 'oGiven', unionid: 'union-of-hers' })
    expect(given).toMatchObject({ openid: 'oGiven', unionid: 'union-of-hers', openids: { [bound.appid]: 'oGiven' } })
    expect(given.openids[app.appid]).toMatch(/^o[\w-]{27}$/)
  })

  it('keep their openids over a restart when their id was given', async () => {
    await run()
    const before = emulator.createUser({ id: 'lin' }).openid
    await emulator.close()
    await run()
    expect(emulator.createUser({ id: 'lin' }).openid).toBe(before)
    expect(() => emulator.createUser({ id: 'lin' })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })

  it('keep their session key from one login to the next, so that encrypted data stays readable', async () => {
    await run()
    const { id } = emulator.createUser({ phone: '+14155550100' })
    const { encryptedData, iv } = emulator.phoneCode(id)
    const { session_key: key } = await exchange(emulator.loginCode(id).code)
    expect((await exchange(emulator.loginCode(id).code)).session_key).toBe(key)
    const decipher = createDecipheriv('aes-128-cbc', Buffer.from(key, 'base64'), Buffer.from(iv, 'base64'))
    expect(JSON.parse(decipher.update(encryptedData, 'base64', 'utf8') + decipher.final('utf8'))).toEqual({
      phoneNumber: '+14155550100',
      purePhoneNumber: '4155550100',
      countryCode: '1',
      watermark: { timestamp: start.getTime() / 1000, appid: app.appid },
    })
  })
})

describe('the openid beside a phone code', () => {
  it('is answered with the errcode of the settings when it is another person’s', async () => {
    await run({ openidMismatchErrcode: 40099 })
    const { access_token } = (await askToken()).body
    const { code } = emulator.phoneCode(emulator.createUser({ phone: '13800000000' }).id)
    expect((await phoneNumber(access_token, { code, openid: emulator.createUser().openid })).errcode).toBe(40099)
  })
})

describe('what it tells of its calls', () => {
  it('counts per path and errcode, and what it costs', async () => {
    await run()
    const { id } = emulator.createUser({ phone: '13800000000' })
    await askToken()
    await askToken()
    await ask(tokenPath)
    emulator.addFault({ path: tokenPath, status: 502 })
    await fetch(emulator.url + tokenPath)
    for (let i = 0; i < 3; i++) emulator.phoneCode(id)
    expect(emulator.stats()).toEqual({
      calls: { [tokenPath]: { '0': 2, '41002': 1, none: 1 } },
      phoneCallsBilled: 3,
      phoneTaps: { quick: 3, realtime: 0 },
      yuan: 0.09,
      yuanOwed: 0,
      tokens: { legacy: { first: 1, replaced: 1 }, stable: {} },
    })
  })

  it('tells each call to who listens, until told to stop', async () => {
    await run()
    const heard: RecordedCall[] = []
    const stop = emulator.onCall(call => heard.push(call))
    await askToken()
    stop()
    await askToken()
    expect(heard).toEqual(emulator.calls().slice(0, 1))
    expect(heard).toMatchObject([{ at: start.toISOString(), path: tokenPath, status: 200, errcode: 0 }])
  })

  it('survives a body that is nested without end', async () => {
    await run()
    const body = `${'{"code":'.repeat(50_000)}1${'}'.repeat(50_000)}`
    expect((await ask('/cgi-bin/stable_token', {}, { method: 'POST', body })).body.errcode).toBe(41002)
  })
})

describe('a fault with a delay', () => {
  it.each<[object, number, string]>([
    [{ errcode: -1 }, 200, '"errcode":-1'],
    [{ status: 503 }, 503, '<h1>503</h1>'],
    [{ status: 502, body: 'Bad Gateway' }, 502, 'Bad Gateway'],
    [{ reset: false }, 200, '"access_token"'],
  ])('comes late with %j', async (fault, status, text) => {
    await run()
    emulator.addFault({ path: tokenPath, delayMs: 60, ...fault })
    const before = performance.now()
    const response = await fetch(
      `${emulator.url}${tokenPath}?${new URLSearchParams({ grant_type: 'client_credential', ...client })}`,
    )
    expect(response.status).toBe(status)
    expect(await response.text()).toContain(text)
    expect(performance.now() - before).toBeGreaterThan(55)
  })

  it('cuts the connection late; the call is in the list, without a status', async () => {
    await run()
    emulator.addFault({ path: tokenPath, delayMs: 60, reset: true })
    const before = performance.now()
    await expect(askToken()).rejects.toThrow()
    expect(performance.now() - before).toBeGreaterThan(55)
    expect(emulator.calls()).toMatchObject([{ path: tokenPath, status: 0, errcode: null }])
  })
})

describe('reset', () => {
  it('forgets people, codes, tokens, faults, figures, taps and added apps; configured apps stay', async () => {
    await run({ apps: [{ ...app, phoneQuota: 1 }] })
    const { id } = emulator.createUser({ id: 'lin', phone: '13800000000' })
    const { code } = emulator.loginCode(id)
    const { access_token } = (await askToken()).body
    emulator.phoneCode(id)
    emulator.addFault({ path: '/sns/jscode2session', errcode: -1 })
    emulator.setQuota({ path: '/sns/jscode2session', perDay: 0 })
    emulator.changeSettings({ sessionKeyRotateAlways: true })
    emulator.addApp({ appid: 'wxadded', secret: 's' })
    emulator.advanceClock(60)

    emulator.reset()
    expect(emulator.users()).toEqual([])
    expect(emulator.apps()).toEqual([{ appid: app.appid, name: app.name, phoneQuota: 1 }])
    expect(emulator.stats()).toEqual({
      calls: {},
      phoneCallsBilled: 0,
      phoneTaps: { quick: 0, realtime: 0 },
      yuan: 0,
      yuanOwed: 0,
      tokens: { legacy: {}, stable: {} },
    })
    expect([emulator.faults(), emulator.settings().sessionKeyRotateAlways]).toEqual([[], false])
    expect(emulator.calls()).toEqual([])
    expect(emulator.advanceClock(0)).toEqual(start)
    expect((await exchange(code)).errcode).toBe(40029)
    expect((await phoneNumber(access_token, { code: 'x' })).errcode).toBe(40001)
    emulator.createUser({ id: 'lin', phone: '13800000000' })
    expect(emulator.phoneCode('lin').code).toMatch(/^[0-9a-f]{64}$/)
  })
})
