import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createWechatCaller } from '../../../../test/support/wechat-caller.js'
import { type Emulator, startEmulator } from '../emulator.js'
import { createWx, type Wx } from './create-wx.js'
import type { PhoneButtonTap } from './phone-button.js'

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a' }
const emulator: Emulator = await startEmulator({ apps: [app] })
const wechat = createWechatCaller(emulator, app)
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

/** An API by its callbacks: what was called, in order. */
function called(api: (callbacks: object) => unknown): Promise<[string, Record<string, unknown>][]> {
  return new Promise(resolve => {
    const calls: [string, Record<string, unknown>][] = []
    const record = (name: string) => (result: Record<string, unknown>) => {
      calls.push([name, result])
      if (name === 'complete') resolve(calls)
    }
    const returned = api({ success: record('success'), fail: record('fail'), complete: record('complete') })
    expect([returned, calls]).toEqual([undefined, []])
  })
}
async function loginOf(wx: Wx): Promise<Record<string, unknown>> {
  const [[, result] = ['', {}]] = await called(callbacks => wx.login(callbacks))
  return result
}

describe.each(['in this process', 'over HTTP'])('a wx %s', how => {
  const side = how === 'over HTTP' ? emulator.url : emulator
  const wxOf = (user = emulator.createUser({ phone: '13800000000' }), options = {}) => createWx(side, user, options)

  it('logs in by callbacks, later, success before complete; there is no promise', async () => {
    const user = emulator.createUser()
    const calls = await called(callbacks => wxOf(user).login(callbacks))
    const result = { code: expect.stringMatching(/^0\w{31}$/), errMsg: 'login:ok' }
    expect(calls).toEqual([
      ['success', result],
      ['complete', result],
    ])
    expect((await wechat.exchange(String(calls[0]?.[1].code))).openid).toBe(user.openid)
    expect(wxOf(user).login()).toBeUndefined()
  })

  it('tells why a login is refused', async () => {
    emulator.addApp({ ...app, loginBlocked: true })
    const calls = await called(callbacks => wxOf().login(callbacks))
    const failed = { errMsg: 'login:fail', errno: 1402101 }
    expect(calls).toEqual([
      ['fail', failed],
      ['complete', failed],
    ])
  })

  it('checks the session by callbacks or as a promise', async () => {
    const user = emulator.createUser()
    const wx = wxOf(user)
    await expect(wx.checkSession()).rejects.toEqual({ errMsg: 'checkSession:fail session time out, need relogin' })
    await loginOf(wx)
    expect(await wx.checkSession()).toEqual({ errMsg: 'checkSession:ok' })
    expect((await called(callbacks => wx.checkSession(callbacks))).map(([name]) => name)).toEqual([
      'success',
      'complete',
    ])
    emulator.advanceClock(3 * 24 * 3600)
    await expect(wx.checkSession()).rejects.toMatchObject({ errMsg: expect.stringMatching(/^checkSession:fail/) })
  })

  it('logs in as the user of a plugin', async () => {
    const [[, { code }] = ['', {}]] = await called(callbacks => wxOf().pluginLogin(callbacks))
    expect((await wechat.postWithToken('/wxa/getpluginopenpid', { code })).openpid).toMatch(/^[\w-]{28}$/)
  })

  it('taps the phone button: a code for the number, encrypted data beside it', async () => {
    const { type, detail } = await wxOf().tapPhoneButton()
    expect([type, detail]).toEqual([
      'getphonenumber',
      {
        errMsg: 'getPhoneNumber:ok',
        code: expect.stringMatching(/^[0-9a-f]{64}$/),
        encryptedData: expect.any(String),
        iv: expect.any(String),
      },
    ])
    expect((await wechat.phoneNumber({ code: detail.code })).phone_info.phoneNumber).toBe('13800000000')
    expect(await wxOf().tapPhoneButton({ realtime: true })).toEqual({
      type: 'getrealtimephonenumber',
      detail: { errMsg: 'getRealtimePhoneNumber:ok', code: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    expect(emulator.stats().yuan).toBe(0.07)
  })

  it('chooses one of several numbers', async () => {
    const user = emulator.createUser({ phones: ['13800000000', '+14155550100'] })
    const { detail } = await wxOf(user).tapPhoneButton({ phone: '+14155550100' })
    expect((await wechat.phoneNumber({ code: detail.code })).phone_info.phoneNumber).toBe('+14155550100')
  })

  it.each<[string, object, object, PhoneButtonTap, string, number | undefined]>([
    ['the user refuses', {}, {}, { allow: false }, 'user deny', undefined],
    ['the app is personal', { personal: true }, {}, {}, 'no permission', undefined],
    ['the app is not verified', { verified: false }, {}, { allow: false }, 'no permission', undefined],
    ['the quota is used up', { phoneQuota: 0 }, {}, {}, 'quota exceeded', 1400001],
    [
      'the privacy guide does not name it',
      { phoneDeclared: false },
      {},
      {},
      'api scope is not declared in the privacy agreement',
      112,
    ],
    ['the ability was recalled', { phoneBanned: true }, {}, {}, 'appid privacy api banned', 1025],
    [
      'the number must be verified',
      {},
      { needsSms: true },
      {},
      'Error: the phone number needs to be verified by SMS first',
      undefined,
    ],
    ['the user is blocked', {}, { phoneBlocked: true }, {}, 'blocked', 1421102],
    ['there is no number', {}, { phone: null }, {}, 'no phone number bound', undefined],
    [
      'consent is refused on the combined button',
      {},
      {},
      { combined: 'disagree' },
      'privacy permission is not authorized',
      103,
    ],
  ])('gets no code when %s, and nothing is billed', async (_title, appMore, userMore, tap, text, errno) => {
    emulator.addApp({ ...app, ...appMore })
    const user = emulator.createUser({ phone: '13800000000', ...userMore })
    for (const realtime of [false, true]) {
      const api = realtime ? 'getRealtimePhoneNumber' : 'getPhoneNumber'
      const { detail } = await wxOf(user).tapPhoneButton({ ...tap, realtime })
      expect(detail).toEqual({ errMsg: `${api}:fail ${text}`, ...(errno !== undefined && { errno }) })
    }
    expect(emulator.stats().phoneCallsBilled).toBe(0)
  })

  it('is without a network when it is taken away', async () => {
    const wx = wxOf()
    wx.setOffline(true)
    expect(await loginOf(wx)).toEqual({ errMsg: 'login:fail network error' })
    await expect(wx.checkSession()).rejects.toEqual({ errMsg: 'checkSession:fail network error' })
    expect((await wx.tapPhoneButton()).detail.errMsg).toBe('getPhoneNumber:fail network error')
    expect(emulator.stats().phoneCallsBilled).toBe(0)
    wx.setOffline(false)
    expect(await loginOf(wx)).toMatchObject({ errMsg: 'login:ok' })
  })

  it('is of one app: its codes are for no other', async () => {
    const other = { appid: 'wxbbbbbbbbbbbbbbbb', secret: 's' }
    emulator.addApp(other)
    const { code } = await loginOf(wxOf(emulator.createUser(), { appid: other.appid }))
    expect((await wechat.exchange(String(code))).errcode).toBe(40029)
    expect((await createWechatCaller(emulator, other).exchange(String(code))).openid).toMatch(/^o/)
  })
})

describe('a wx', () => {
  it('gives the mock code of the tool without an appid', async () => {
    const wx = createWx(emulator, emulator.createUser(), { appid: 'touristappid' })
    expect(await loginOf(wx)).toEqual({ code: 'the code is a mock one', errMsg: 'login:ok' })
  })

  it('takes only so long for a login as it is allowed to', async () => {
    const never = { ...emulator, loginCode: () => new Promise<never>(() => undefined) }
    const wx = createWx(never, emulator.createUser())
    const calls = await called(callbacks => wx.login({ ...callbacks, timeout: 20 }))
    expect(calls[0]).toEqual(['fail', { errMsg: 'login:fail timeout', errno: 5 }])
  })

  it('asks for what it must know', () => {
    const user = emulator.createUser()
    expect(() => createWx(emulator, '')).toThrow(/^user: /)
    expect(() => createWx(emulator.url, user.id)).toThrow(/^appid: /)
    expect(() => createWx(emulator, user, { timeoutMs: 0 })).toThrow(/^timeoutMs: /)
    expect(() => createWx(emulator, user, { interruptedAfterMs: -1 })).toThrow(/^interruptedAfterMs: /)
    expect(createWx(emulator.url, user.id, { appid: app.appid }).getAccountInfoSync().miniProgram.appId).toBe(app.appid)
  })

  it('says so when there is no such user', async () => {
    for (const side of [emulator, emulator.url]) {
      const wx = createWx(side, 'nobody', { appid: app.appid })
      expect(await loginOf(wx)).toEqual({ errMsg: 'login:fail there is no user with this id' })
    }
  })
})
