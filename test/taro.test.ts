import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { foreignHosts, taroApp } from './support/examples.js'
import type { MiniProgram } from './support/mini-program/mini-program.js'
import { createPhones, hides, type Opened, offers, shows } from './support/mini-program/phones.js'
import { type Shop, startShop } from './support/shop.js'

const run = promisify(execFile)
const me = '/pages/me/index'
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

taroApp.warnUnlessReady()

describe.skipIf(!taroApp.isReady)('the Taro mini program, as it is compiled', { timeout: 60_000 }, () => {
  let directory: string
  let shop: Shop
  let phones: ReturnType<typeof createPhones>

  beforeAll(async () => {
    directory = await taroApp.build('build:weapp', 'dist')
    shop = await startShop()
    phones = createPhones(shop, { directory, nameAttribute: 'class' })
  })
  afterEach(() => expect(phones.takeComplaints()).toEqual([]))
  afterAll(() => shop?.close())

  const accountOf = (app: MiniProgram) => app.textOf('account-id')

  async function toLoginPage({ app }: Opened): Promise<void> {
    app.switchTab(me)
    await shows(app, 'to-login')
    app.tap('to-login')
    await shows(app, 'agree')
    app.tap('agree')
    await offers(app, 'phone-button')
  }
  async function logIn(opened: Opened, by: 'wechat' | 'phone' = 'wechat'): Promise<string> {
    await toLoginPage(opened)
    if (by === 'phone') await opened.app.tapPhoneButton('phone-button')
    else opened.app.tap('login-wechat')
    await shows(opened.app, 'account-id')
    await offers(opened.app, 'sign-out')
    return accountOf(opened.app)
  }

  it('holds its types', async () => {
    await expect(run('npm', ['run', '-s', 'types'], { cwd: taroApp.directory })).resolves.toMatchObject({ stdout: '' })
  })

  it('can be looked at first; an order asks for a login, by the person’s own tap, which can be left', async () => {
    const { app } = await phones.open()
    await shows(app, 'needs-login')
    await expect.poll(() => [app.title(), app.tabs]).toEqual(['好物小店', ['首页', '我的']])
    app.tap('order-cup')
    await shows(app, 'login-wechat')
    app.tap('login-wechat')
    await expect.poll(() => app.toasts).toEqual(['请先阅读并勾选同意'])
    app.tap('not-now')
    await shows(app, 'home')
    app.tap('order-cup')
    await shows(app, 'agree')
    app.tap('agree')
    await offers(app, 'phone-button')
    app.tap('login-wechat')
    await shows(app, 'no-orders')
    app.tap('order-cup')
    await expect.poll(() => app.count('order')).toBe(1)
    expect(app.textOf('order')).toContain('手作马克杯')
  })

  it('finds one account by WeChat and by phone, and asks for the number only while it is missing', async () => {
    const user = shop.newPerson()
    const opened = await phones.open(user)
    const account = await logIn(opened)
    const { app } = opened
    expect(app.textOf('phone')).toBe('未绑定')
    await app.tapPhoneButton('phone-button')
    await hides(app, 'phone-button')
    expect(app.textOf('phone')).toMatch(/^138\*{6}\d\d$/)
    expect(await logIn(await phones.open(user), 'phone')).toBe(account)
  })

  it('takes a refusal kindly, and a conflict to the person; on an English phone in English', async () => {
    const phone = shop.nextPhone()
    const ofPhone = await logIn(await phones.open(shop.newPerson(phone)), 'phone')
    const other = shop.newPerson()
    const opened = await phones.open(other, { device: { language: 'en' } })
    const { app } = opened
    await expect.poll(() => [app.title(), app.tabs]).toEqual(['Good Things', ['Shop', 'Me']])
    await logIn(opened, 'phone')
    app.tap('sign-out')
    await shows(app, 'guest')
    shop.system.emulator.changeUser(other.id, { phone })
    await toLoginPage(opened)
    await app.tapPhoneButton('phone-button', { allow: false })
    await shows(app, 'tip')
    expect(app.textOf('tip')).toContain('log in with WeChat instead')
    await offers(app, 'phone-button')
    await app.tapPhoneButton('phone-button')
    await shows(app, 'conflict')
    expect(app.text()).not.toMatch(/\p{Script=Han}/u)
    app.tap('later')
    await offers(app, 'phone-button')
    await app.tapPhoneButton('phone-button')
    await shows(app, 'conflict-use_phone_account')
    app.tap('conflict-use_phone_account')
    await shows(app, 'account-id')
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
    await offers(app, 'sign-out')
    await app.type('nickname-input', '小林')
    app.tap('save')
    await expect.poll(() => app.textOf('nickname')).toBe('小林')
    await expect.poll(() => app.count('device')).toBe(2)
    await offers(app, 'sign-out')
    app.tap('revoke')
    await expect.poll(() => app.count('device')).toBe(1)
    there.app.switchTab('/pages/home/index')
    there.app.switchTab(me)
    await shows(there.app, 'guest')
    await expect.poll(() => there.app.toasts).toContain('登录已失效，请重新登录')
    await offers(app, 'sign-out')
    app.tap('delete-account')
    await app.answer({ confirm: true })
    await shows(app, 'guest')
    expect(await logIn(here)).not.toBe(account)
    app.tap('everywhere')
    await shows(app, 'guest')
  })

  it('nothing calls home: no foreign host in the build', () => {
    expect(foreignHosts(directory)).toEqual([])
  })
})
