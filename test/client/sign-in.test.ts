import { wxPlatform } from '@mplogin/client/wx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcomeOf } from '../support/outcome.js'
import { createPhone } from '../support/phone.js'
import { appA, type System, startSystem } from '../support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

describe('signing in', () => {
  it('takes the stored session first, confirmed by the server, and wx.login only without one', async () => {
    const phone = createPhone(system)
    const first = phone.start()
    expect([first.login.user, first.login.needsPhone]).toEqual([undefined, false])
    const signedIn = await first.login.signIn()
    expect(signedIn).toMatchObject({ isNewUser: true, outcome: 'created', user: { phoneBound: false } })
    expect(Object.keys(signedIn).sort()).toEqual(['isNewUser', 'outcome', 'user'])
    expect([first.login.user, first.login.needsPhone, first.logins.count]).toEqual([signedIn.user, true, 1])
    expect(await first.login.signIn()).toEqual({ user: signedIn.user, isNewUser: false, outcome: 'existing' })

    const second = phone.start()
    expect(second.login.user).toEqual(signedIn.user)
    expect((await second.login.signIn()).user).toEqual(signedIn.user)
    await second.login.signIn()
    expect([second.logins.count, phone.sentTo('/login').length, phone.sentTo('/me').length]).toEqual([0, 1, 1])
    expect(second.heard).toEqual([])
  })

  it('learns at the start what changed on other devices, so that the paid button is not shown in vain', async () => {
    const phone = createPhone(system, { phone: '13810000001' })
    await phone.start().login.signIn()
    const tablet = await system.api.loginByPhone({
      code: system.emulator.phoneCode(phone.user.id, { appid: appA.appid }).code,
      loginCode: system.emulator.loginCode(phone.user.id, { appid: appA.appid }).code,
    })
    expect(tablet.body.data.outcome).toBe('linked')
    const { login, heard } = phone.start()
    expect(login.needsPhone).toBe(true)
    await login.resume()
    expect(login.needsPhone).toBe(false)
    expect(heard).toEqual([[login.user?.id, undefined]])
  })

  it('calls wx.login once when three pages want it at a cold start', async () => {
    const phone = createPhone(system)
    const { login, logins, heard } = phone.start()
    const [one, two, three] = await Promise.all([login.signIn(), login.signIn(), login.signIn()])
    expect([two, three]).toEqual([one, one])
    expect([logins.count, phone.sentTo('/login').length, heard.length]).toEqual([1, 1, 1])
  })

  it('gets the same session when the answer was lost: the same code under the same key', async () => {
    const phone = createPhone(system)
    const { login, logins } = phone.start()
    phone.bend('/login', 'answer lost')
    expect((await login.signIn()).outcome).toBe('created')
    const [first, second] = phone.sentTo('/login')
    expect(second?.body).toEqual(first?.body)
    expect(first?.headers.get('idempotency-key')).toMatch(/^[\w.-]{20,}$/)
    expect(second?.headers.get('idempotency-key')).toBe(first?.headers.get('idempotency-key'))
    expect([logins.count, (await login.sessions()).length]).toEqual([1, 1])
  })

  it('gets it also when it gave up and is asked again later', async () => {
    const phone = createPhone(system)
    const { login, logins } = phone.start({ timeoutMs: 150 })
    phone.bend('/login', 'answer lost', 2)
    expect(await outcomeOf(login.signIn())).toBe('NETWORK')
    phone.bend('/login', 'silence')
    expect(await outcomeOf(login.signIn())).toBe('TIMEOUT')
    expect(login.user).toBe(undefined)
    expect((await login.signIn()).isNewUser).toBe(true)
    expect([logins.count, (await login.sessions()).length]).toEqual([1, 1])
    expect(new Set(phone.sentTo('/login').map(({ headers }) => headers.get('idempotency-key'))).size).toBe(1)
  })

  it('takes a new code when that of an attempt died meanwhile, without sending the dead one', async () => {
    const phone = createPhone(system)
    const { login, logins } = phone.start()
    phone.bend('/login', 'request lost', 2)
    expect(await outcomeOf(login.signIn())).toBe('NETWORK')
    system.advance({ minutes: 6 })
    expect(await outcomeOf(login.signIn())).toBe('OK')
    expect([logins.count, phone.sentTo('/login').length]).toEqual([2, 3])
  })

  it('takes a new code also when the clock of the phone lets the dead one look alive', async () => {
    const phone = createPhone(system)
    const { login, logins } = phone.start()
    phone.bend('/login', 'answer lost', 2)
    expect(await outcomeOf(login.signIn())).toBe('NETWORK')
    system.advance({ minutes: 6 })
    phone.clock.errorMs -= 6 * 60_000
    expect((await login.signIn()).outcome).toBe('existing')
    expect(logins.count).toBe(2)
  })

  it('takes a new code when a weak network gives one that was used before', async () => {
    const phone = createPhone(system)
    const { login, wx } = phone.start()
    await login.signIn()
    const { code: used } = phone.sentTo('/login')[0]?.body as { code: string }
    await login.signOut()
    let calls = 0
    const weak = {
      ...wx,
      login: (options: Parameters<typeof wx.login>[0]) =>
        calls++ === 0 ? options?.success?.({ code: used, errMsg: 'login:ok' }) : wx.login(options),
    }
    // It does not go on for ever.
    const hopeless = {
      ...wx,
      login: (options: Parameters<typeof wx.login>[0]) => options?.success?.({ code: used, errMsg: 'login:ok' }),
    }
    const [weakly, hopelessly] = await Promise.all([
      outcomeOf(phone.join(weak).login.signIn()),
      outcomeOf(phone.join(hopeless, { storageKey: 'other' }).login.signIn()),
    ])
    expect([weakly, calls, hopelessly]).toEqual(['OK', 2, 'WECHAT_CODE_USED'])
    expect(phone.sentTo('/login').length).toBe(5)
  })

  it('calls wx.login no faster than WeChat’s norm, however often it is asked', async () => {
    const phone = createPhone(system)
    const { wx } = phone.start()
    const at: number[] = []
    const timed = {
      ...wx,
      login(options: Parameters<typeof wx.login>[0]): void {
        at.push(performance.now())
        wx.login(options)
      },
    }
    const { login } = phone.join(timed)
    system.emulator.addFault({ path: '/sns/jscode2session', times: 5, errcode: 40226 })
    for (let i = 0; i < 5; i++) expect(await outcomeOf(login.signIn())).toBe('WECHAT_USER_BLOCKED')
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThan(250)
  })

  it('says why WeChat gives no code', async () => {
    const phone = createPhone(system)
    const { wx } = phone.start()
    const blocked = {
      ...wx,
      login: (options: Parameters<typeof wx.login>[0]) => options?.fail?.({ errMsg: 'login:fail', errno: 1402101 }),
    }
    await expect(phone.join(blocked).login.signIn()).rejects.toMatchObject({
      name: 'ClientError',
      code: 'LOGIN_FAILED',
      errno: 1402101,
      errMsg: 'login:fail',
    })
    wx.setOffline(true)
    expect(await outcomeOf(phone.join(wx).login.signIn())).toBe('NETWORK')
    wx.setOffline(false)
    const { login: _none, ...browser } = wx
    expect(await outcomeOf(phone.join(browser).login.signIn())).toBe('LOGIN_FAILED')
    const silent = { ...wx, login: () => undefined }
    expect(await outcomeOf(phone.join(silent, { timeoutMs: 50 }).login.signIn())).toBe('TIMEOUT')
  })

  it('takes the code from elsewhere where there is no wx.login', async () => {
    const phone = createPhone(system)
    const { login: _none, ...browser } = phone.start().wx
    const code = () => system.emulator.loginCode(phone.user.id, { appid: appA.appid }).code
    const { login } = phone.join(browser, {
      platform: { ...wxPlatform(browser), login: async () => ({ code: code() }) },
    })
    expect((await login.signIn()).outcome).toBe('created')
  })

  it('names the app and the device', async () => {
    const phone = createPhone(system)
    const { login, wx } = phone.start()
    await login.signIn()
    expect(phone.sentTo('/login')[0]?.body).toMatchObject({ appid: appA.appid })
    expect(await login.sessions()).toMatchObject([{ current: true, appid: appA.appid, device: 'mplogin emulator' }])
    const { login: chinese } = phone.join(
      { ...wx, getDeviceInfo: () => ({ ...wx.getDeviceInfo(), model: '荣耀 Magic6' }) },
      { storageKey: 'chinese' },
    )
    await chinese.signIn()
    expect((await chinese.sessions()).map(({ device }) => device?.trim())).toContain('Magic6')
    const { login: unknown } = phone.join(wx, { storageKey: 'other', appid: 'wx0000000000000000' })
    await expect(unknown.signIn()).rejects.toMatchObject({ code: 'APP_UNKNOWN', status: 400 })
  })

  it('says with whose words the server refused, and under which id its log tells more', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    system.emulator.addFault({ path: '/sns/jscode2session', errcode: 40226 })
    await expect(login.signIn()).rejects.toMatchObject({
      code: 'WECHAT_USER_BLOCKED',
      message: '当前微信账号暂时无法登录',
      status: 403,
      requestId: expect.stringMatching(/^[\w-]{20,}$/),
    })
  })

  it('tells an answer that is not the login server’s', async () => {
    const phone = createPhone(system)
    const { wx } = phone.start()
    for (const baseUrl of ['http://portal.example', `${system.url}/nowhere`]) {
      const { login } = phone.join(wx, { baseUrl, storageKey: baseUrl })
      expect(await outcomeOf(login.signIn())).toBe(baseUrl.endsWith('nowhere') ? 'NOT_FOUND' : 'BAD_ANSWER')
    }
  })

  it.each([
    '',
    'example.com',
    '/login',
    'ftp://example.com',
    'https://user@example.com',
    'https://',
  ])('does not begin with the base URL %j', baseUrl => {
    const phone = createPhone(system)
    const { wx } = phone.start()
    expect(() => phone.join(wx, { baseUrl })).toThrow(TypeError)
    expect(() => phone.join(wx, { apiUrls: [baseUrl] })).toThrow(TypeError)
  })
})

describe('loading the user', () => {
  it('learns while it runs what changed on other devices, and tells of it', async () => {
    const phone = createPhone(system, { phone: '13810000002' })
    const { login, heard } = phone.start()
    const { user } = await login.signIn()
    await system.api.loginByPhone({
      code: system.emulator.phoneCode(phone.user.id, { appid: appA.appid }).code,
      loginCode: system.emulator.loginCode(phone.user.id, { appid: appA.appid }).code,
    })
    expect([(await login.signIn()).user.phoneBound, login.needsPhone]).toEqual([false, true])
    const [one, two] = await Promise.all([login.loadUser(), login.loadUser()])
    expect([one, two]).toEqual([{ ...user, phone: expect.any(String), phoneBound: true }, one])
    expect([login.user, login.needsPhone, phone.sentTo('/me').length]).toEqual([one, false, 1])
    expect(heard.length).toBe(2)
    expect(phone.start().login.user).toEqual(one)
  })

  it('waits for what is under way, so that it brings nothing old back', async () => {
    const phone = createPhone(system, { phone: '13810000003' })
    const { login, wx } = phone.start()
    await login.signIn()
    const event = await wx.tapPhoneButton()
    const [loaded, bound] = await Promise.all([login.loadUser(), login.bindPhone(event)])
    expect([loaded.phoneBound, bound.user.phoneBound, login.needsPhone]).toEqual([false, true, false])
    expect(phone.sent.map(({ path }) => path)).toEqual(['/login', '/me', '/bindPhone'])
  })

  it('says when nobody is signed in, or the session was ended; without a network what is known stays', async () => {
    const phone = createPhone(system)
    const { login, wx, heard } = phone.start()
    expect(await outcomeOf(login.loadUser())).toBe('UNAUTHENTICATED')
    const { user } = await login.signIn()
    wx.setOffline(true)
    expect([await outcomeOf(login.loadUser()), login.user]).toEqual(['NETWORK', user])
    wx.setOffline(false)
    const { code } = system.emulator.loginCode(phone.user.id, { appid: appA.appid })
    const { accessToken } = (await system.api.login({ code })).body.data
    await system.api.post('/logout', { everywhere: true }, { token: accessToken })
    expect([await outcomeOf(login.loadUser()), login.user]).toEqual(['SESSION_REVOKED', undefined])
    expect(heard.at(-1)).toEqual([undefined, 'SESSION_REVOKED'])
  })
})

describe('resuming', () => {
  it('signs nobody in, and calls nothing when there is nobody', async () => {
    const phone = createPhone(system)
    const { login, logins } = phone.start()
    expect(await login.resume()).toBe(undefined)
    expect([logins.count, phone.sent.length]).toEqual([0, 0])
  })

  it('leaves somebody signed out who signed out, also at the next start', async () => {
    const phone = createPhone(system)
    const first = phone.start()
    await first.login.signIn()
    await first.login.signOut()
    expect(first.heard.at(-1)).toEqual([undefined, undefined])
    const { login, logins } = phone.start()
    expect([login.user, await login.resume(), logins.count]).toEqual([undefined, undefined, 0])
  })

  it('tells once that the session was ended elsewhere; signing in then begins a new one', async () => {
    const phone = createPhone(system)
    const { user } = await phone.start().login.signIn()
    const tablet = await system.api.login({
      code: system.emulator.loginCode(phone.user.id, { appid: appA.appid }).code,
    })
    await system.api.post('/logout', { everywhere: true }, { token: tablet.body.data.accessToken })
    const { login, heard, logins } = phone.start()
    expect(await login.resume()).toBe(undefined)
    expect([heard, logins.count]).toEqual([[[undefined, 'SESSION_REVOKED']], 0])
    expect((await login.signIn()).user.id).toBe(user.id)
  })

  it('keeps the session without a network', async () => {
    const phone = createPhone(system)
    await phone.start().login.signIn()
    const { login, heard, wx } = phone.start()
    wx.setOffline(true)
    expect([await outcomeOf(login.resume()), await outcomeOf(login.signIn())]).toEqual(['NETWORK', 'NETWORK'])
    expect(login.user).toBeDefined()
    wx.setOffline(false)
    expect((await login.resume())?.user).toEqual(login.user)
    expect(heard).toEqual([])
  })
})
