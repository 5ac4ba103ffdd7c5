import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { WxOptions } from '@mplogin/emulator/wx'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { foreignHosts, uniApp } from './support/examples.js'
import type { MiniProgram } from './support/mini-program/mini-program.js'
import { createPhones, hides, type Opened, shows } from './support/mini-program/phones.js'
import { type Shop, startShop } from './support/shop.js'
import { appA, type System } from './support/system.js'

uniApp.warnUnlessReady()

const run = promisify(execFile)
const login = 'pages/login/login'
const me = '/pages/me/me'
const picture = readFileSync(new URL('../examples/uni-app/src/static/goods/cup.png', import.meta.url))

describe.skipIf(!uniApp.isReady)('the compiled mini program', { timeout: 60_000 }, () => {
  let directory: string
  let shop: Shop
  let system: System
  let phones: ReturnType<typeof createPhones>
  const asked = new Set<string>()

  beforeAll(async () => {
    directory = await uniApp.build('build:mp-weixin', 'dist/build/mp-weixin')
    shop = await startShop()
    system = shop.system
    phones = createPhones(shop, { directory })
  })
  afterEach(() => expect(phones.takeComplaints()).toEqual([]))
  afterAll(() => shop?.close())

  const nextPhone = () => shop.nextPhone()
  const newPerson = (phone?: string) => shop.newPerson(phone)

  /** Opens the app on a phone of that person; whom it asks is in `asked`. */
  function open(user = newPerson(), options: WxOptions = {}): Promise<Opened> {
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.add(new URL(String(input)).origin)
      return globalThis.fetch(input, init)
    }
    return phones.open(user, { fetch, ...options })
  }

  const isAt = (app: MiniProgram, route: string) => expect.poll(() => app.route()).toBe(route)
  const says = (app: MiniProgram, toast: string) => expect.poll(() => app.toasts).toContain(toast)
  const accountOf = (app: MiniProgram) => app.attribute('account-id', 'data-account')
  const countAccounts = async () =>
    (await system.database.db.selectFrom('accounts').select('id').where('status', '=', 'active').execute()).length

  async function toLoginPage({ app }: Opened): Promise<void> {
    app.switchTab(me)
    app.tap('to-login')
    await isAt(app, login)
    app.tap('agree')
    await shows(app, 'phone-button')
  }
  async function logIn(opened: Opened): Promise<string> {
    await toLoginPage(opened)
    opened.app.tap('login-wechat')
    await shows(opened.app, 'account-id')
    return String(accountOf(opened.app))
  }
  async function logInByPhone(opened: Opened): Promise<string> {
    await toLoginPage(opened)
    await opened.app.tapPhoneButton('phone-button')
    await shows(opened.app, 'account-id')
    return String(accountOf(opened.app))
  }

  it('holds its types', async () => {
    await expect(run('node_modules/.bin/vue-tsc', ['--noEmit', '-p', uniApp.directory])).resolves.toMatchObject({
      stdout: '',
    })
  })

  describe('before login', () => {
    it('opens on the shop: everything can be looked at, and neither WeChat nor a server is asked for anything', async () => {
      const before = system.emulator.stats().calls
      asked.clear()
      const { app } = await open()
      expect([app.route(), app.title(), app.tabs]).toEqual(['pages/home/home', '好物小店', ['首页', '订单', '我的']])
      app.tap('product-lamp')
      await isAt(app, 'pages/product/product')
      expect(app.text()).toContain('暖光')
      app.switchTab('/pages/orders/orders')
      expect(app.text()).toContain('登录后，这里会显示你的订单')
      app.switchTab(me)
      expect(app.has('guest')).toBe(true)
      expect([app.has('phone-button'), app.has('sign-out'), app.has('delete-account')]).toEqual([false, false, false])
      expect([...asked]).toEqual([])
      expect(system.emulator.stats().calls).toEqual(before)
    })

    it('asks to log in when the person orders, and "not now" leads back to where they were', async () => {
      const { app } = await open()
      app.tap('product-cup')
      await shows(app, 'place-order')
      app.tap('place-order')
      await isAt(app, login)
      app.tap('not-now')
      await isAt(app, 'pages/product/product')
      expect([app.has('needs-login'), app.toasts]).toEqual([true, []])
    })

    it('wants the agreement read and ticked by the person; both texts can be read before', async () => {
      const { app } = await open()
      app.switchTab(me)
      app.tap('to-login')
      await isAt(app, login)
      app.tap('login-wechat')
      app.tap('phone-not-yet')
      await expect.poll(() => app.toasts).toEqual(['请先阅读并勾选同意', '请先阅读并勾选同意'])
      expect(app.has('phone-button')).toBe(false)
      for (const [name, text] of [
        ['terms', '用户协议'],
        ['privacy', '手机号仅在你点击按钮并允许后收集'],
      ] as const) {
        app.tap(name)
        await isAt(app, 'pages/terms/terms')
        expect(app.text()).toContain(text)
        app.back()
      }
    })
  })

  describe('login', () => {
    it('by WeChat leads back to the product, which can be ordered now; the order is on the protected page', async () => {
      const { app } = await open()
      app.tap('product-cup')
      await shows(app, 'place-order')
      app.tap('place-order')
      await isAt(app, login)
      app.tap('agree')
      await shows(app, 'phone-button')
      app.tap('login-wechat')
      await isAt(app, 'pages/product/product')
      await says(app, '欢迎！已为你创建账号')
      app.tap('place-order')
      await isAt(app, 'pages/orders/orders')
      await expect.poll(() => app.count('order')).toBe(1)
      expect(app.text()).toContain('手作马克杯')
    })

    it('by phone sends both codes in one call, shows the number masked, and asks for it no more', async () => {
      const opened = await open(newPerson('13912345678'))
      const billed = system.emulator.stats().phoneCallsBilled
      await logInByPhone(opened)
      const { app } = opened
      expect(app.textOf('phone')).toBe('139******78')
      expect(app.has('phone-button')).toBe(false)
      expect(system.emulator.stats().phoneCallsBilled - billed).toBe(1)
    })

    it('finds the same account by WeChat and by phone, in either order', async () => {
      const user = newPerson()
      const first = await logIn(await open(user))
      expect(await logInByPhone(await open(user))).toBe(first)
      const other = newPerson()
      const byPhone = await logInByPhone(await open(other))
      expect(await logIn(await open(other))).toBe(byPhone)
    })

    it('shows the phone button after WeChat login while a phone is missing, and hides it after success; a double tap is one', async () => {
      const opened = await open()
      const { app } = opened
      const account = await logIn(opened)
      expect(app.textOf('phone')).toBe('未绑定')
      const billed = system.emulator.stats().phoneCallsBilled
      await app.tapPhoneButton('phone-button')
      await expect(app.tapPhoneButton('phone-button')).rejects.toThrow('disabled')
      await hides(app, 'phone-button')
      await says(app, '手机号已绑定')
      expect([accountOf(app), app.textOf('phone')]).toEqual([account, expect.stringMatching(/^138\*{6}\d\d$/)])
      expect(system.emulator.stats().phoneCallsBilled - billed).toBe(1)
    })

    it('is still there when the app is opened again, without another wx.login', async () => {
      const user = newPerson()
      const storage: WxOptions['storage'] = new Map()
      const account = await logIn(await open(user, { storage }))
      const before = system.emulator.stats().calls['/sns/jscode2session']
      const { app } = await open(user, { storage })
      expect(app.has('welcome')).toBe(true)
      app.switchTab(me)
      expect(accountOf(app)).toBe(account)
      expect(system.emulator.stats().calls['/sns/jscode2session']).toEqual(before)
    })

    it('without a network says so, and works once it is back', async () => {
      const opened = await open()
      const { app, wx } = opened
      await toLoginPage(opened)
      wx.setOffline(true)
      app.tap('login-wechat')
      await expect.poll(() => app.toasts.length).toBe(1)
      expect(app.toasts[0]).toMatch(/网络/)
      expect(app.route()).toBe(login)
      wx.setOffline(false)
      app.tap('login-wechat')
      await shows(app, 'account-id')
    })
  })

  describe('a refusal of the phone number leads somewhere', () => {
    const refusals: [string, object, object, Parameters<MiniProgram['tapPhoneButton']>[1], string][] = [
      ['the person says no', {}, {}, { allow: false }, '没有获取手机号，没关系'],
      ['the privacy guide is refused', {}, {}, { combined: 'disagree' }, '没有同意隐私保护指引'],
      ['the app may not ask', { personal: true }, {}, {}, '请用微信登录'],
      ['the quota is used up', { phoneQuota: 0 }, {}, {}, '请用微信登录'],
      ['the guide does not name the number', { phoneDeclared: false }, {}, {}, '请用微信登录'],
      ['the WeChat has no number', {}, { phone: null }, {}, '请用微信登录'],
    ]
    afterEach(() => system.emulator.addApp(appA))

    it.each(
      refusals,
    )('when %s: WeChat login is open, and costs nothing', async (_title, appMore, userMore, tap, text) => {
      const user = newPerson()
      system.emulator.changeUser(user.id, userMore)
      const opened = await open(user)
      const { app } = opened
      const billed = system.emulator.stats().phoneCallsBilled
      await toLoginPage(opened)
      system.emulator.addApp({ ...appA, ...appMore })
      await app.tapPhoneButton('phone-button', tap)
      await shows(app, 'refusal')
      expect(app.textOf('refusal')).toContain(text)
      expect(system.emulator.stats().phoneCallsBilled).toBe(billed)
      app.tap('login-wechat')
      await shows(app, 'account-id')
    })
  })

  describe('when phone and WeChat belong to two accounts', () => {
    /** A person with two WeChats and one number, who logged in with each. */
    async function twoAccounts() {
      const phone = nextPhone()
      const ofPhone = await logInByPhone(await open(newPerson(phone)))
      const other = newPerson(nextPhone())
      const opened = await open(other)
      const ofWechat = await logInByPhone(opened)
      await logOutHere(opened)
      // The second WeChat now has the number of the first.
      system.emulator.changeUser(other.id, { phone })
      await toLoginPage(opened)
      await opened.app.tapPhoneButton('phone-button')
      await shows(opened.app, 'conflict')
      return { ...opened, ofPhone, ofWechat }
    }

    it('explains it in plain words, and "later" leaves everything as it was', async () => {
      const { app, ofWechat } = await twoAccounts()
      for (const words of [
        '你有两个账号',
        '另一个账号和它的订单会保留',
        '当前微信会改为登录那个账号',
        '手机号会改绑到当前微信的账号',
      ])
        expect(app.text()).toContain(words)
      app.tap('conflict-later')
      await hides(app, 'conflict')
      app.tap('login-wechat')
      await shows(app, 'account-id')
      expect(accountOf(app)).toBe(ofWechat)
    })

    it.each(['use_phone_account', 'use_wechat_account'] as const)('does what the person chooses: %s', async choice => {
      const { app, ofPhone, ofWechat } = await twoAccounts()
      app.tap(`conflict-${choice}`)
      await shows(app, 'account-id')
      expect(accountOf(app)).toBe(choice === 'use_phone_account' ? ofPhone : ofWechat)
      expect(app.has('phone-button')).toBe(false)
    })
  })

  async function logOutHere({ app }: Opened): Promise<void> {
    app.tap('sign-out')
    await app.answer({ tapIndex: 0 })
    await shows(app, 'guest')
  }

  describe('the account', () => {
    it('gets a picture and a name, which every page shows', async () => {
      const opened = await open()
      const { app } = opened
      await logIn(opened)
      const before = app.attribute('avatar', 'src')
      app.tap('profile')
      await shows(app, 'choose-avatar')
      app.chooseAvatar('choose-avatar', picture)
      await says(app, '已保存')
      await app.type('nickname-input', '   ')
      app.tap('save')
      await says(app, '昵称不能为空')
      await app.type('nickname-input', '小林')
      app.tap('save')
      await isAt(app, 'pages/me/me')
      expect(app.textOf('nickname')).toBe('小林')
      const source = String(app.attribute('avatar', 'src'))
      expect(source).not.toBe(before)
      expect((await fetch(source)).headers.get('content-type')).toBe('image/jpeg')
      app.switchTab('/pages/home/home')
      expect(app.textOf('welcome')).toContain('小林')
    })

    it('shows its devices; one that is logged out learns it, and can log in again', async () => {
      const user = newPerson()
      const here = await open(user, { device: { model: 'iPhone 15' } })
      const there = await open(user, { device: { model: 'HUAWEI P60' } })
      await logIn(there)
      await logIn(here)
      here.app.tap('devices')
      await expect.poll(() => here.app.count('device')).toBe(2)
      expect(here.app.text()).toContain('HUAWEI P60')
      expect(here.app.count('current-device')).toBe(1)
      here.app.tap('revoke')
      await expect.poll(() => here.app.count('device')).toBe(1)
      there.app.switchTab('/pages/home/home')
      there.app.switchTab(me)
      await shows(there.app, 'guest')
      await says(there.app, '登录已失效，请重新登录')
      await logIn(there)
    })

    it('logs out here, or everywhere; the sheet can be closed', async () => {
      const user = newPerson()
      const here = await open(user)
      const there = await open(user)
      await logIn(here)
      await logIn(there)
      here.app.tap('sign-out')
      await here.app.answer('cancel')
      expect(here.app.has('account-id')).toBe(true)
      await logOutHere(here)
      await says(here.app, '已退出登录')
      there.app.switchTab(me)
      await shows(there.app, 'account-id')
      await logIn(here)
      here.app.tap('sign-out')
      await here.app.answer({ tapIndex: 1 })
      await shows(here.app, 'guest')
      there.app.switchTab(me)
      await shows(there.app, 'guest')
    })

    it('is deleted after two confirmations; who comes back is new, and sees none of the old orders', async () => {
      const opened = await open()
      const { app } = opened
      const account = await logIn(opened)
      app.switchTab('/pages/home/home')
      app.tap('product-bag')
      await shows(app, 'place-order')
      app.tap('place-order')
      await expect.poll(() => app.count('order')).toBe(1)
      app.switchTab(me)
      const before = await countAccounts()
      app.tap('delete-account')
      await isAt(app, 'pages/delete-account/delete-account')
      expect(app.isDisabled('delete')).toBe(true)
      app.tap('understand')
      await expect.poll(() => app.isDisabled('delete')).toBe(false)
      app.tap('delete')
      await expect.poll(() => app.dialog()).toMatchObject({ confirmText: '确认注销', cancelText: '不注销了' })
      await app.answer({ confirm: false })
      expect(await countAccounts()).toBe(before)
      app.tap('delete')
      await app.answer({ confirm: true })
      await isAt(app, 'pages/me/me')
      await shows(app, 'guest')
      expect(await countAccounts()).toBe(before - 1)
      expect(await logIn(opened)).not.toBe(account)
      app.switchTab('/pages/orders/orders')
      await shows(app, 'no-orders')
    })
  })

  describe('the protected page', () => {
    it('belongs to who is logged in: after another login it shows that one’s orders', async () => {
      const opened = await open()
      const { app } = opened
      await logIn(opened)
      app.switchTab('/pages/home/home')
      app.tap('product-clock')
      await shows(app, 'place-order')
      app.tap('place-order')
      await expect.poll(() => app.count('order')).toBe(1)
      app.switchTab(me)
      await logOutHere(opened)
      app.switchTab('/pages/orders/orders')
      expect([app.has('order'), app.has('sign-in-prompt')]).toEqual([false, true])
    })

    it('says when the orders did not come, and tries again when asked', async () => {
      const opened = await open()
      const { app, wx } = opened
      await logIn(opened)
      wx.setOffline(true)
      app.switchTab('/pages/orders/orders')
      await shows(app, 'retry')
      wx.setOffline(false)
      app.tap('retry')
      await shows(app, 'no-orders')
    })
  })

  describe('its languages', () => {
    it('are English on an English phone, on every page, and change by a tap', async () => {
      const opened = await open(newPerson(), { device: { language: 'en' } })
      const { app } = opened
      const han = /\p{Script=Han}/u
      const pages: string[] = []
      const look = (name: string) => {
        pages.push(name)
        // The switch names the other language in that language; a random nickname is Chinese.
        const text = app
          .text()
          .replace('中文', '')
          .replace(/用户\w{6}/g, '')
        expect([name, han.exec(text)?.[0], han.exec(app.title())?.[0]]).toEqual([name, undefined, undefined])
      }
      look('home')
      expect(app.tabs).toEqual(['Shop', 'Orders', 'Me'])
      app.tap('product-cup')
      await shows(app, 'place-order')
      look('product')
      app.switchTab('/pages/orders/orders')
      look('orders')
      await toLoginPage(opened)
      look('login')
      app.tap('privacy')
      await shows(app, 'terms-page')
      look('privacy')
      app.back()
      app.tap('login-wechat')
      await shows(app, 'account-id')
      look('me')
      for (const name of ['profile', 'devices', 'delete-account']) {
        app.tap(name)
        await isAt(app, `pages/${name}/${name}`)
        look(name)
        app.back()
      }
      expect(pages).toHaveLength(9)
      // Nor is there a title for the moment in which a page opens.
      const config = JSON.parse(readFileSync(join(directory, 'app.json'), 'utf8')) as { pages: string[] }
      const titles = config.pages.map(page => readFileSync(join(directory, `${page}.json`), 'utf8'))
      expect(titles.filter(title => han.test(title))).toEqual([])
      app.tap('language')
      await expect.poll(() => [app.title(), app.tabs[0]]).toEqual(['我的', '首页'])
      expect(app.text()).toContain('退出登录')
    })
  })

  describe('privacy', () => {
    it('nothing calls home: no foreign host in the build, none asked, and no API beyond the app’s own', async () => {
      expect(foreignHosts(directory)).toEqual([])
      const code = readFileSync(join(directory, 'common/vendor.js'), 'utf8')
      expect(code).not.toContain('preloadAssets')
      expect([...asked].sort()).toEqual([system.url, shop.ordersUrl].sort())
      for (const path of ['common/vendor.js', 'platform.js', 'login.js'])
        expect(readFileSync(join(directory, path), 'utf8')).not.toContain('_emulator')
    })
  })

  // Last: the clock of the server moves.
  it('protects the former holder of a number that has a new one: the person gets an account of their own', async () => {
    const phone = nextPhone()
    const former = await logInByPhone(await open(newPerson(phone)))
    system.advance({ seconds: 100 * 24 * 3600 })
    const opened = await open(newPerson(nextPhone()))
    system.emulator.changeUser(opened.user.id, { phone })
    await toLoginPage(opened)
    await opened.app.tapPhoneButton('phone-button')
    await shows(opened.app, 'conflict')
    expect(opened.app.text()).toContain('这个手机号以前有人用过')
    expect(opened.app.has('conflict-use_phone_account')).toBe(false)
    opened.app.tap('conflict-new_account')
    await shows(opened.app, 'account-id')
    expect(accountOf(opened.app)).not.toBe(former)
  })
})
