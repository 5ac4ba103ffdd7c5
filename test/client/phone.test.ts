import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcomeOf } from '../support/outcome.js'
import { createPhone } from '../support/phone.js'
import { appA, type System, startSystem } from '../support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

let last = 0
/** A number that nobody has yet. */
const newNumber = () => `139${String(++last).padStart(8, '0')}`

describe('signing in with the phone button', () => {
  it('sends both codes in one call, and needs no phone from then on', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx, heard } = phone.start()
    const first = await login.signIn()
    expect(login.needsPhone).toBe(true)
    const signedIn = await login.signInWithPhone(await wx.tapPhoneButton())
    expect(signedIn).toMatchObject({ outcome: 'linked', user: { id: first.user.id, phoneBound: true } })
    expect(phone.sentTo('/loginByPhone').map(({ body }) => body)).toEqual([
      {
        code: expect.stringMatching(/^[0-9a-f]{64}$/),
        loginCode: expect.stringMatching(/^0\w{31}$/),
        appid: appA.appid,
      },
    ])
    expect(login.needsPhone).toBe(false)
    expect(heard.length).toBe(2)
    expect(phone.start().login.needsPhone).toBe(false)
  })

  it('is one device, though it was signed in before', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx } = phone.start()
    await login.signIn()
    await login.signInWithPhone(await wx.tapPhoneButton())
    await expect.poll(async () => (await login.sessions()).length).toBe(1)
    // Also when its token has expired meanwhile.
    system.advance({ minutes: 16 })
    await login.signInWithPhone(await wx.tapPhoneButton())
    await expect.poll(async () => (await login.sessions()).length).toBe(1)
    expect(await login.sessions()).toMatchObject([{ current: true }])
  })

  it('is one charge and one call when it is tapped twice', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx } = phone.start()
    const billed = system.emulator.stats().phoneCallsBilled
    const event = await wx.tapPhoneButton()
    const [one, two] = await Promise.all([login.signInWithPhone(event), login.signInWithPhone(event)])
    expect(two).toEqual(one)
    expect([phone.sentTo('/loginByPhone').length, system.emulator.stats().phoneCallsBilled - billed]).toEqual([1, 1])
    // A second event, if the page let it happen, is not sent either.
    const [three, four] = await Promise.all([
      login.signInWithPhone(await wx.tapPhoneButton()),
      login.signInWithPhone(await wx.tapPhoneButton()),
    ])
    expect(four).toEqual(three)
    expect(phone.sentTo('/loginByPhone').length).toBe(2)
  })

  it('waits for a sign-in that is under way, one call at a time', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx } = phone.start()
    const event = await wx.tapPhoneButton()
    const [byCode, byPhone] = await Promise.all([login.signIn(), login.signInWithPhone(event)])
    expect([byCode.outcome, byPhone.outcome]).toEqual(['created', 'linked'])
    const [first, second] = await Promise.all([login.signInWithPhone(await wx.tapPhoneButton()), login.signIn()])
    expect([first.outcome, second.outcome]).toEqual(['existing', 'existing'])
    expect(phone.sentTo('/login').length).toBe(1)
  })

  it('gets the same session when the answer was lost, and the code is not lost with it', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx } = phone.start()
    const billed = system.emulator.stats().phoneCallsBilled
    const event = await wx.tapPhoneButton()
    phone.bend('/loginByPhone', 'answer lost', 2)
    expect(await outcomeOf(login.signInWithPhone(event))).toBe('NETWORK')
    expect(await login.signInWithPhone(event)).toMatchObject({ outcome: 'created', user: { phoneBound: true } })
    expect(phone.sentTo('/loginByPhone').length).toBe(3)
    expect(system.emulator.stats().phoneCallsBilled - billed).toBe(1)
    expect((await login.sessions()).length).toBe(1)
  })

  it('does not lose a paid code to a server in trouble', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx } = phone.start()
    const event = await wx.tapPhoneButton()
    const failed = await system.whileLocked(() => outcomeOf(login.signInWithPhone(event)))
    expect(failed).toBe('SERVICE_UNAVAILABLE')
    expect((await login.signInWithPhone(event)).user.phoneBound).toBe(true)
  })

  it('does not lose a paid code to a portal that swallows the answer, nor to a server that is too busy for the repeat', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { wx } = phone.start()
    const billed = system.emulator.stats().phoneCallsBilled
    let times = 0
    const bent = {
      ...wx,
      request(options: Parameters<typeof wx.request>[0]) {
        if (!options.url.endsWith('/loginByPhone') || ++times > 2) return wx.request(options)
        const busy = { statusCode: 429, data: { code: 'RATE_LIMITED', msg: '…' } }
        const success: typeof options.success = answer =>
          options.success?.({ ...answer, ...(times > 1 ? busy : { data: '<html>' }) })
        // The first reaches the server; of its answer something else arrives.
        if (times === 1) return wx.request({ ...options, success })
        return wx.request({ ...options, url: `${system.url}/healthz`, method: 'GET', data: undefined, success })
      },
    }
    const { login } = phone.join(bent)
    const event = await wx.tapPhoneButton()
    expect(await outcomeOf(login.signInWithPhone(event))).toBe('BAD_ANSWER')
    expect(await outcomeOf(login.signInWithPhone(event))).toBe('RATE_LIMITED')
    expect(await login.signInWithPhone(event)).toMatchObject({ outcome: 'created', user: { phoneBound: true } })
    expect([system.emulator.stats().phoneCallsBilled - billed, (await login.sessions()).length]).toEqual([1, 1])
  })

  it('is asked for a choice again when the answer that asked for it was lost', async () => {
    const number = newNumber()
    const owner = createPhone(system, { phone: number }).start()
    await owner.login.signInWithPhone(await owner.wx.tapPhoneButton())
    for (const [verb, path] of [
      ['signInWithPhone', '/loginByPhone'],
      ['bindPhone', '/bindPhone'],
    ] as const) {
      const phone = createPhone(system, { phone: number })
      const { login, wx } = phone.start()
      await login.signIn()
      phone.bend(path, 'answer lost', 2)
      const event = await wx.tapPhoneButton()
      expect(await outcomeOf(login[verb](event))).toBe('NETWORK')
      expect(await outcomeOf(login[verb](event))).toBe('ACCOUNT_CONFLICT')
      expect((await login.resolveConflict('use_wechat_account')).user.phoneBound).toBe(true)
    }
  })

  it('takes a new login code, and keeps the paid one, when the login code was dead', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx } = phone.start()
    await login.preparePhone()
    system.advance({ minutes: 6 })
    expect((await login.signInWithPhone(await wx.tapPhoneButton())).outcome).toBe('created')
    expect(phone.sentTo('/loginByPhone').length).toBe(2)
  })

  it('works with encrypted data when the login code was fetched before the tap', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx, logins } = phone.start()
    await login.preparePhone()
    const {
      detail: { code: _none, ...old },
    } = await wx.tapPhoneButton()
    expect((await login.signInWithPhone({ detail: old })).user.phoneBound).toBe(true)
    expect(phone.sentTo('/loginByPhone').map(({ body }) => Object.keys(body as object).sort())).toEqual([
      ['appid', 'encryptedData', 'iv', 'loginCode'],
    ])
    expect(logins.count).toBe(1)
  })
})

describe('the phone button', () => {
  it.each<[string, object, object, object, string]>([
    ['the user refuses', {}, {}, { allow: false }, 'USER_REFUSED'],
    ['the app is personal', { personal: true }, {}, {}, 'NOT_PERMITTED'],
    ['the quota is used up', { phoneQuota: 0 }, {}, {}, 'QUOTA_USED_UP'],
    ['the privacy guide does not name it', { phoneDeclared: false }, {}, {}, 'PRIVACY_NOT_DECLARED'],
    ['the ability was recalled', { phoneBanned: true }, {}, {}, 'NOT_PERMITTED'],
    ['the number must be verified', {}, { needsSms: true }, {}, 'PHONE_FAILED'],
    ['the user is blocked', {}, { phoneBlocked: true }, {}, 'PHONE_FAILED'],
    ['there is no number', {}, { phone: null }, {}, 'PHONE_FAILED'],
    ['consent is refused', {}, {}, { combined: 'disagree' }, 'PRIVACY_REFUSED'],
  ])('when %s, tells so and sends nothing', async (_title, app, change, tap, code) => {
    const phone = createPhone(system, { phone: newNumber() })
    system.emulator.addApp({ ...appA, ...app })
    system.emulator.changeUser(phone.user.id, change)
    const { login, wx } = phone.start()
    await login.signIn()
    for (const realtime of [false, true]) {
      const event = await wx.tapPhoneButton({ ...tap, realtime })
      expect([await outcomeOf(login.signInWithPhone(event)), await outcomeOf(login.bindPhone(event))]).toEqual([
        code,
        code,
      ])
    }
    system.emulator.addApp(appA)
    expect(phone.sent.map(({ path }) => path)).toEqual(['/login'])
    expect(login.user).toBeDefined()
  })

  it('without a network is NETWORK', async () => {
    const { login, wx } = createPhone(system, { phone: newNumber() }).start()
    wx.setOffline(true)
    expect(await outcomeOf(login.signInWithPhone(await wx.tapPhoneButton()))).toBe('NETWORK')
  })

  // As captured; texts differ between versions of WeChat.
  it.each([
    ['getPhoneNumber:fail:user deny', undefined, 'USER_REFUSED'],
    ['getPhoneNumber:fail user denied', undefined, 'USER_REFUSED'],
    ['user deny', undefined, 'USER_REFUSED'],
    ['getPhoneNumber:fail:cancel to confirm login', undefined, 'USER_REFUSED'],
    ['getPhoneNumber:fail no permission', undefined, 'NOT_PERMITTED'],
    ['getPhoneNumber:fail jsapi has no permission', undefined, 'NOT_PERMITTED'],
    ['getPhoneNumber:fail privacy permission is not authorized', 104, 'PRIVACY_REFUSED'],
    ['getRealtimePhoneNumber:fail privacy permission is not authorized', 103, 'PRIVACY_REFUSED'],
    ['getPhoneNumber:fail appid privacy api banned', 1025, 'NOT_PERMITTED'],
    ['getPhoneNumber:fail', 1400001, 'QUOTA_USED_UP'],
    ['getPhoneNumber:fail', 1421102, 'PHONE_FAILED'],
    ['getPhoneNumber:fail Error: bound number needs to be verified by SMS', undefined, 'PHONE_FAILED'],
    [undefined, undefined, 'PHONE_FAILED'],
  ])('that says %j with errno %j is %s', async (errMsg, errno, code) => {
    const { login } = createPhone(system).start()
    const detail = { ...(errMsg !== undefined && { errMsg }), ...(errno !== undefined && { errno }) }
    await expect(login.signInWithPhone({ detail })).rejects.toMatchObject({ name: 'ClientError', code, ...detail })
  })
})

describe('binding a phone', () => {
  it('gives the signed-in account its phone, once also when it is tapped twice', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx } = phone.start()
    const { user } = await login.signIn()
    const event = await wx.tapPhoneButton()
    const [bound] = await Promise.all([login.bindPhone(event), login.bindPhone(event)])
    expect(bound).toMatchObject({ outcome: 'linked', user: { id: user.id, phoneBound: true } })
    expect([login.needsPhone, login.user, phone.sentTo('/bindPhone').length]).toEqual([false, bound.user, 1])
  })

  it('survives a lost answer and an expired token', async () => {
    const phone = createPhone(system, { phone: newNumber() })
    const { login, wx } = phone.start()
    await login.signIn()
    system.advance({ minutes: 16 })
    phone.bend('/bindPhone', 'answer lost')
    expect((await login.bindPhone(await wx.tapPhoneButton())).user.phoneBound).toBe(true)
    expect(phone.sentTo('/token/refresh').length).toBe(1)
  })

  it('goes on as the survivor when two accounts turn out to be one', async () => {
    const number = newNumber()
    const phone = createPhone(system, { phone: number })
    const older = await system.api.loginByPhone({
      code: system.emulator.phoneCode(phone.user.id, { appid: appA.appid }).code,
    })
    const { login, wx } = phone.start()
    await login.signIn()
    const bound = await login.bindPhone(await wx.tapPhoneButton())
    expect(bound).toMatchObject({ outcome: 'merged', user: { id: older.body.data.user.id } })
    expect(login.user?.id).toBe(older.body.data.user.id)
    expect((await login.request({ url: '/me' })).statusCode).toBe(200)
    system.advance({ minutes: 16 })
    expect((await login.request({ url: '/me' })).statusCode).toBe(200)
  })

  it('needs somebody signed in', async () => {
    const { login, wx } = createPhone(system, { phone: newNumber() }).start()
    expect(await outcomeOf(login.bindPhone(await wx.tapPhoneButton()))).toBe('UNAUTHENTICATED')
  })
})

describe('a conflict', () => {
  /** Somebody with an account, and somebody else who has their number by now, with an account too. */
  async function conflict() {
    const number = newNumber()
    const owner = createPhone(system, { phone: number }).start()
    const first = await owner.login.signInWithPhone(await owner.wx.tapPhoneButton())
    const phone = createPhone(system, { phone: number })
    const { login, wx, heard } = phone.start()
    const second = await login.signIn()
    return { phone, login, wx, heard, phoneAccount: first.user.id, wechatAccount: second.user.id }
  }

  it.each(['use_phone_account', 'use_wechat_account'] as const)('is a choice: %s', async choice => {
    const { login, wx, phoneAccount, wechatAccount } = await conflict()
    const error = await login.signInWithPhone(await wx.tapPhoneButton()).catch(failed => failed)
    expect(error).toMatchObject({ code: 'ACCOUNT_CONFLICT', choices: ['use_phone_account', 'use_wechat_account'] })
    expect(login.user?.id).toBe(wechatAccount)
    const chosen = await login.resolveConflict(choice)
    expect(chosen).toMatchObject({
      outcome: 'linked',
      user: { id: choice === 'use_phone_account' ? phoneAccount : wechatAccount, phoneBound: true },
    })
    expect([login.user, login.needsPhone]).toEqual([chosen.user, false])
    await expect.poll(async () => (await login.sessions()).filter(({ current }) => current).length).toBe(1)
    // It was made once.
    expect(await outcomeOf(login.resolveConflict(choice))).toBe('TICKET_INVALID')
  })

  it('of bindPhone is the same', async () => {
    const { login, wx, phoneAccount } = await conflict()
    expect(await outcomeOf(login.bindPhone(await wx.tapPhoneButton()))).toBe('ACCOUNT_CONFLICT')
    expect((await login.resolveConflict('use_phone_account')).user.id).toBe(phoneAccount)
  })

  it('ends as it was chosen also when the answer is lost, or the choice is tapped twice', async () => {
    const { phone, login, wx, phoneAccount } = await conflict()
    await outcomeOf(login.signInWithPhone(await wx.tapPhoneButton()))
    phone.bend('/conflicts/resolve', 'answer lost')
    const [one, two] = await Promise.all([
      login.resolveConflict('use_phone_account'),
      login.resolveConflict('use_phone_account'),
    ])
    expect([one.user.id, two]).toEqual([phoneAccount, one])
  })

  it('keeps the ticket when the choice was none of those offered, and without a network', async () => {
    const { phone, login, wx, phoneAccount } = await conflict()
    await outcomeOf(login.signInWithPhone(await wx.tapPhoneButton()))
    expect(await outcomeOf(login.resolveConflict('new_account'))).toBe('BAD_REQUEST')
    phone.bend('/conflicts/resolve', 'request lost', 2)
    expect(await outcomeOf(login.resolveConflict('use_phone_account'))).toBe('NETWORK')
    expect((await login.resolveConflict('use_phone_account')).user.id).toBe(phoneAccount)
  })

  it('may be a number with a new holder, for whom there is a new account', async () => {
    const number = newNumber()
    const former = createPhone(system, { phone: number }).start()
    const before = await former.login.signInWithPhone(await former.wx.tapPhoneButton())
    system.advance({ days: 100 })
    const { login, wx } = createPhone(system, { phone: number }).start()
    await expect(login.signInWithPhone(await wx.tapPhoneButton())).rejects.toMatchObject({
      code: 'PHONE_MAY_BE_RECYCLED',
      choices: ['new_account'],
    })
    expect(login.user).toBe(undefined)
    const after = await login.resolveConflict('new_account')
    expect(after).toMatchObject({ outcome: 'created', isNewUser: true, user: { phoneBound: true } })
    expect(after.user.id).not.toBe(before.user.id)
  })

  it('is over after five minutes', async () => {
    const { login, wx } = await conflict()
    expect(await outcomeOf(login.resolveConflict('use_phone_account'))).toBe('TICKET_INVALID')
    await outcomeOf(login.signInWithPhone(await wx.tapPhoneButton()))
    system.advance({ minutes: 6 })
    expect(await outcomeOf(login.resolveConflict('use_phone_account'))).toBe('TICKET_INVALID')
  })
})
