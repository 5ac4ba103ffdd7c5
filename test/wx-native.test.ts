import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { nativeApp } from './support/examples.js'
import type { MiniProgram } from './support/mini-program/mini-program.js'
import { createPhones, type Opened, shows } from './support/mini-program/phones.js'
import { type Shop, startShop } from './support/shop.js'

const me = '/pages/me/me'
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

nativeApp.warnUnlessReady()

describe.skipIf(!nativeApp.isReady)('the plain mini program, on the SDK as it is built for one', () => {
  let shop: Shop
  let phones: ReturnType<typeof createPhones>

  beforeAll(async () => {
    shop = await startShop()
    phones = createPhones(shop, nativeApp)
  })
  afterEach(() => expect(phones.takeComplaints()).toEqual([]))
  afterAll(() => shop?.close())

  const accountOf = (app: MiniProgram) => app.attribute('nickname', 'data-account')

  async function toLoginPage({ app }: Opened): Promise<void> {
    app.switchTab(me)
    app.tap('to-login')
    await shows(app, 'login')
    app.tap('agree')
    await shows(app, 'phone-button')
  }
  async function logIn(opened: Opened, by: 'wechat' | 'phone' = 'wechat'): Promise<unknown> {
    await toLoginPage(opened)
    if (by === 'phone') await opened.app.tapPhoneButton('phone-button')
    else opened.app.tap('login-wechat')
    await shows(opened.app, 'nickname')
    await expect.poll(() => opened.app.isDisabled('sign-out')).toBe(false)
    return accountOf(opened.app)
  }

  it('can be looked at first; an order asks for a login, by the person’s own tap, which can be left', async () => {
    const { app } = await phones.open()
    expect(app.has('needs-login')).toBe(true)
    app.tap('order-cup')
    await shows(app, 'login')
    app.tap('login-wechat')
    await expect.poll(() => app.toasts).toEqual(['请先阅读并勾选同意'])
    app.tap('not-now')
    await shows(app, 'home')
    app.tap('order-cup')
    await shows(app, 'login')
    app.tap('agree')
    app.tap('login-wechat')
    await shows(app, 'no-orders')
    app.tap('order-cup')
    await expect.poll(() => app.count('order')).toBe(1)
  })

  it('finds one account by WeChat and by phone, and asks for the number only while it is missing', async () => {
    const user = shop.newPerson()
    const opened = await phones.open(user)
    const account = await logIn(opened)
    const { app } = opened
    await app.tapPhoneButton('phone-button')
    await expect.poll(() => app.has('phone-button')).toBe(false)
    expect(app.textOf('phone')).toMatch(/^138\*{6}\d\d$/)
    expect(await logIn(await phones.open(user), 'phone')).toBe(account)
  })

  it('takes a refusal kindly, and a conflict to the person', async () => {
    const phone = shop.nextPhone()
    const ofPhone = await logIn(await phones.open(shop.newPerson(phone)), 'phone')
    const other = shop.newPerson()
    const opened = await phones.open(other, { device: { language: 'en' } })
    const { app } = opened
    expect([app.title(), app.tabs]).toEqual(['Good Things', ['Shop', 'Me']])
    await logIn(opened, 'phone')
    app.tap('sign-out')
    await shows(app, 'guest')
    shop.system.emulator.changeUser(other.id, { phone })
    await toLoginPage(opened)
    await app.tapPhoneButton('phone-button', { allow: false })
    await shows(app, 'note')
    expect(app.textOf('note')).toContain('log in with WeChat instead')
    await app.tapPhoneButton('phone-button')
    await shows(app, 'conflict')
    expect(app.text()).not.toMatch(/\p{Script=Han}/u)
    app.tap('later')
    await shows(app, 'phone-button')
    await app.tapPhoneButton('phone-button')
    await shows(app, 'conflict-use_phone_account')
    app.tap('conflict-use_phone_account')
    await shows(app, 'nickname')
    expect(accountOf(app)).toBe(ofPhone)
  })

  it('changes picture and name, logs devices out, and deletes the account', async () => {
    const user = shop.newPerson()
    const here = await phones.open(user, { device: { model: 'iPhone 15' } })
    const there = await phones.open(user, { device: { model: 'HUAWEI P60' } })
    await logIn(there)
    const account = await logIn(here)
    const { app } = here
    app.chooseAvatar('choose-avatar', picture)
    await expect.poll(() => app.attribute('avatar', 'src')).toContain('/uploads/avatars/')
    await expect.poll(() => app.isDisabled('save')).toBe(false)
    await app.type('nickname-input', '小林')
    app.tap('save')
    await expect.poll(() => app.textOf('nickname')).toBe('小林')
    await expect.poll(() => app.count('device')).toBe(2)
    app.tap('revoke')
    await expect.poll(() => app.count('device')).toBe(1)
    there.app.switchTab('/pages/home/home')
    there.app.switchTab(me)
    await shows(there.app, 'guest')
    await expect.poll(() => there.app.toasts).toContain('登录已失效，请重新登录')
    await expect.poll(() => app.isDisabled('delete-account')).toBe(false)
    app.tap('delete-account')
    await app.answer({ confirm: true })
    await shows(app, 'guest')
    expect(await logIn(here)).not.toBe(account)
    app.tap('everywhere')
    await shows(app, 'guest')
  })
})
