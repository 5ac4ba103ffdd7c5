import { startEmulator } from '@mplogin/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createWechat, type Wechat } from './client.js'
import type { WechatCall, WechatOptions } from './options.js'

type Emulator = Awaited<ReturnType<typeof startEmulator>>

const bound = { appid: 'wx1111111111111111', secret: 'secret-of-the-bound-app', openPlatform: 'platform-1' }
const single = { appid: 'wx2222222222222222', secret: 'secret-of-the-single-app' }
const loginPath = '/sns/jscode2session'
const phonePath = '/wxa/business/getuserphonenumber'

let emulator: Emulator
let wechat: Wechat
let calls: WechatCall[]
const clients: Wechat[] = []

beforeAll(async () => {
  emulator = await startEmulator({ port: 0, apps: [bound, single] })
})
beforeEach(() => {
  calls = []
  wechat = createClient()
})
afterAll(async () => {
  for (const client of clients) await client.close()
  await emulator.close()
})

function createClient(options: Partial<WechatOptions> = {}): Wechat {
  const client = createWechat({
    ...bound,
    apiBase: emulator.url,
    random: () => 0,
    onCall: call => calls.push(call),
    ...options,
  })
  clients.push(client)
  return client
}

function countCalls(path: string): number {
  return Object.values(emulator.stats().calls[path] ?? {}).reduce((sum, count) => sum + count, 0)
}

/** How many requests to `path` arrive while `work` runs. */
async function callsDuring(path: string, work: () => Promise<unknown>): Promise<number> {
  const before = countCalls(path)
  await work().catch(() => undefined)
  return countCalls(path) - before
}

describe('exchangeCode', () => {
  it('gives openid, unionid and session key of an app bound to an Open Platform account', async () => {
    const user = await emulator.createUser({ appid: bound.appid })
    const { code } = await emulator.loginCode(user.id, { appid: bound.appid })
    await expect(wechat.exchangeCode(code)).resolves.toEqual({
      openid: user.openid,
      unionid: expect.stringMatching(/\S/),
      sessionKey: expect.stringMatching(/^[A-Za-z0-9+/]{22}==$/),
    })
    expect(calls).toEqual([{ appid: bound.appid, path: loginPath, durationMs: expect.any(Number), status: 200 }])
  })

  it('gives no unionid of an app that is bound to none', async () => {
    const user = await emulator.createUser({ appid: single.appid })
    const { code } = await emulator.loginCode(user.id, { appid: single.appid })
    expect(await createClient(single).exchangeCode(code)).not.toHaveProperty('unionid')
  })

  it('refuses a code the second time', async () => {
    const user = await emulator.createUser({ appid: bound.appid })
    const { code } = await emulator.loginCode(user.id, { appid: bound.appid })
    await wechat.exchangeCode(code)
    await expect(wechat.exchangeCode(code)).rejects.toMatchObject({
      kind: 'refused',
      code: 'CODE_USED',
      errcode: 40163,
      rid: expect.stringMatching(/^[\da-f]{8}-[\da-f]{8}-[\da-f]{8}$/),
    })
  })

  it('refuses an unknown code, and one of another app', async () => {
    await expect(wechat.exchangeCode('0unknown')).rejects.toMatchObject({ code: 'CODE_INVALID', errcode: 40029 })
    const user = await emulator.createUser({ appid: single.appid })
    const { code } = await emulator.loginCode(user.id, { appid: single.appid })
    await expect(wechat.exchangeCode(code)).rejects.toMatchObject({ code: 'CODE_INVALID' })
  })

  it('tells a wrong appid from a wrong secret', async () => {
    await expect(createClient({ appid: 'wx9999999999999999' }).exchangeCode('c')).rejects.toMatchObject({
      code: 'APPID_INVALID',
    })
    await expect(createClient({ secret: 'wrong' }).exchangeCode('c')).rejects.toMatchObject({ code: 'SECRET_INVALID' })
  })

  it('repeats the call with the same code when WeChat is busy', async () => {
    const user = await emulator.createUser({ appid: bound.appid })
    const { code } = await emulator.loginCode(user.id, { appid: bound.appid })
    await emulator.addFault({ path: loginPath, times: 2, errcode: -1 })
    await expect(wechat.exchangeCode(code)).resolves.toMatchObject({ openid: user.openid })
    expect(calls.map(call => call.errcode)).toEqual([-1, -1, undefined])
  })

  it('gives up when WeChat stays busy', async () => {
    await emulator.addFault({ path: loginPath, times: 3, errcode: -1 })
    await expect(wechat.exchangeCode('c')).rejects.toMatchObject({ code: 'BUSY', errcode: -1 })
    expect(calls).toHaveLength(3)
  })

  it('sends a code once when the connection is cut', async () => {
    await emulator.addFault({ path: loginPath, times: 1, reset: true })
    const sent = await callsDuring(loginPath, async () => {
      await expect(wechat.exchangeCode('c')).rejects.toMatchObject({ code: 'UNREACHABLE', requestSent: true })
    })
    expect(sent).toBe(1)
    expect(calls).toHaveLength(1)
  })

  it('waits for a slow answer no longer than timeoutMs', async () => {
    await emulator.addFault({ path: loginPath, times: 1, delayMs: 10_000 })
    const startedMs = performance.now()
    await expect(createClient({ timeoutMs: 200 }).exchangeCode('c')).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(performance.now() - startedMs).toBeLessThan(1500)
    expect(calls).toHaveLength(1)
  })

  it.each([
    [40226, 'USER_BLOCKED'],
    [45011, 'RATE_LIMITED'],
    [45009, 'QUOTA_EXCEEDED'],
    [40243, 'SECRET_FROZEN'],
    [50007, 'ACCOUNT_FROZEN'],
    [40002, 'REQUEST_INVALID'],
    [12345, 'UNKNOWN_ERRCODE'],
  ])('reads errcode %i as %s and does not repeat the call', async (errcode, code) => {
    await emulator.addFault({ path: loginPath, times: 1, errcode })
    await expect(wechat.exchangeCode('c')).rejects.toMatchObject({ kind: 'refused', code, errcode })
    expect(calls).toHaveLength(1)
  })

  it.each([
    ['a 502', { status: 502 }],
    ['an HTML page', { body: '<html><h1>Maintenance</h1></html>' }],
    ['half a body', { body: '{"session_key":"tiih' }],
  ])('calls %s unreadable', async (_name, fault) => {
    await emulator.addFault({ path: loginPath, times: 1, ...fault })
    await expect(wechat.exchangeCode('c')).rejects.toMatchObject({ code: 'UNREADABLE' })
    expect(calls).toHaveLength(1)
  })
})

describe('getPhoneNumber', () => {
  const phone = '+8613800000000'

  async function tap(appid = bound.appid, number = phone) {
    const user = await emulator.createUser({ appid, phone: number })
    return { user, ...(await emulator.phoneCode(user.id, { appid })) }
  }

  it('gives the number in E.164, in parts, and the time of the tap', async () => {
    const { code } = await tap()
    await expect(wechat.getPhoneNumber(code)).resolves.toEqual({
      e164: phone,
      countryCode: '86',
      nationalNumber: '13800000000',
      tappedAt: expect.any(Date),
    })
  })

  it('gives a foreign number', async () => {
    const { code } = await tap(bound.appid, '+85251234567')
    await expect(wechat.getPhoneNumber(code)).resolves.toMatchObject({ e164: '+85251234567', countryCode: '852' })
  })

  it('lets WeChat check that the code is the user’s own', async () => {
    const { user, code } = await tap()
    await expect(wechat.getPhoneNumber(code, { openid: user.openid })).resolves.toMatchObject({ e164: phone })
    const { code: another } = await tap()
    await expect(wechat.getPhoneNumber(another, { openid: user.openid })).rejects.toMatchObject({
      code: 'OPENID_MISMATCH',
      errcode: 40003,
    })
  })

  it('does not ask for that check when checkPhoneOwner is off', async () => {
    const stranger = await emulator.createUser({ appid: bound.appid })
    const { code } = await tap()
    const trusting = createClient({ checkPhoneOwner: false })
    await expect(trusting.getPhoneNumber(code, { openid: stranger.openid })).resolves.toMatchObject({ e164: phone })
  })

  it('refuses a code the second time, an unknown one, and one of another app', async () => {
    const { code } = await tap()
    await wechat.getPhoneNumber(code)
    await expect(wechat.getPhoneNumber(code)).rejects.toMatchObject({ code: 'CODE_INVALID', errcode: 40029 })
    await expect(wechat.getPhoneNumber('0'.repeat(64))).rejects.toMatchObject({ code: 'CODE_INVALID' })
    const { code: foreign } = await tap(single.appid)
    await expect(wechat.getPhoneNumber(foreign)).rejects.toMatchObject({ code: 'PHONE_APP_MISMATCH', errcode: 40013 })
  })

  it('sends a code once when the connection is cut, and again when WeChat is busy', async () => {
    await wechat.accessToken.get()
    const { code } = await tap()
    await emulator.addFault({ path: phonePath, times: 1, errcode: -1 })
    expect(await callsDuring(phonePath, () => wechat.getPhoneNumber(code))).toBe(2)
    await emulator.addFault({ path: phonePath, times: 1, reset: true })
    const sent = await callsDuring(phonePath, async () => {
      await expect(wechat.getPhoneNumber('c')).rejects.toMatchObject({ code: 'UNREACHABLE', requestSent: true })
    })
    expect(sent).toBe(1)
  })

  it('decrypts the data of the legacy button with the session key of the login before the tap', async () => {
    const user = await emulator.createUser({ appid: bound.appid, phone })
    const { code } = await emulator.loginCode(user.id, { appid: bound.appid })
    const { sessionKey } = await wechat.exchangeCode(code)
    const { encryptedData, iv } = await emulator.phoneCode(user.id, { appid: bound.appid })
    expect(wechat.decryptPhoneNumber({ sessionKey, encryptedData, iv })).toMatchObject({ e164: phone })
    expect(() => createClient(single).decryptPhoneNumber({ sessionKey, encryptedData, iv })).toThrow(/another appid/)
  })
})
