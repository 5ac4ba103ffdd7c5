import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createWx, type WxOptions } from '@mplogin/emulator/wx'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type MiniProgram, startMiniProgram } from './support/mini-program/mini-program.js'
import { appA, type System, startSystem } from './support/system.js'
import { clientDirectory, hasUniApp, readdress, uniAppDirectory, warnWithoutUniApp } from './support/uni-app.js'

const directory = fileURLToPath(new URL('../examples/wx-native/', import.meta.url))
const client = join(clientDirectory, 'miniprogram_dist/')
const me = '/pages/me/me'
const picture = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

warnWithoutUniApp('the tests of the plain mini program are')

describe.skipIf(!hasUniApp)('the plain mini program, on the SDK as it is built for one', () => {
  let system: System
  let orders: Server
  let ordersUrl: string
  let running: MiniProgram[] = []
  let phoneNumber = 13_600_000_000

  beforeAll(async () => {
    system = await startSystem()
    // The phone lives today.
    system.advance({ seconds: (Date.now() - system.clock().getTime()) / 1000 })
    const { createOrders } = await import(`${uniAppDirectory}server/orders.js`)
    orders = createServer(createOrders(system.url))
    await new Promise<void>(resolve => orders.listen(0, '127.0.0.1', resolve))
    ordersUrl = `http://127.0.0.1:${(orders.address() as AddressInfo).port}`
  })
  afterEach(() => {
    const complaints = running.flatMap(app => app.complaints)
    running = []
    expect(complaints).toEqual([])
  })
  afterAll(async () => {
    orders?.closeAllConnections()
    orders?.close()
    await system?.close()
  })

  const newPerson = (phone = `${phoneNumber++}`) => system.person(phone).user

  async function open(user = newPerson(), options: WxOptions = {}) {
    const wx = createWx(system.emulator, user, { appid: appA.appid, ...options })
    const app = await startMiniProgram({
      directory,
      wx,
      edit: readdress({ login: system.url, orders: ordersUrl }),
      findPackage: name => `${client}${name.slice('@mplogin/client'.length + 1) || 'index'}.js`,
    })
    running.push(app)
    return { wx, user, app }
  }
  type Opened = Awaited<ReturnType<typeof open>>

  const shows = (app: MiniProgram, name: string) => expect.poll(() => app.has(name), { message: name }).toBe(true)
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
    const { app } = await open()
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
    const user = newPerson()
    const opened = await open(user)
    const account = await logIn(opened)
    const { app } = opened
    await app.tapPhoneButton('phone-button')
    await expect.poll(() => app.has('phone-button')).toBe(false)
    expect(app.textOf('phone')).toMatch(/^136\*{6}\d\d$/)
    expect(await logIn(await open(user), 'phone')).toBe(account)
  })

  it('takes a refusal kindly, and a conflict to the person', async () => {
    const phone = `${phoneNumber++}`
    const ofPhone = await logIn(await open(newPerson(phone)), 'phone')
    const other = newPerson()
    const opened = await open(other, { device: { language: 'en' } })
    const { app } = opened
    await logIn(opened, 'phone')
    app.tap('sign-out')
    await shows(app, 'guest')
    system.emulator.changeUser(other.id, { phone })
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
    const user = newPerson()
    const here = await open(user, { device: { model: 'iPhone 15' } })
    const there = await open(user, { device: { model: 'HUAWEI P60' } })
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
