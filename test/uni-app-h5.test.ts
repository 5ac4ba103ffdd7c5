import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { browserArguments, executablePath, hasBrowser, warnWithoutBrowser } from './support/browser.js'
import { foreignHosts, readdress, servePage, uniApp } from './support/examples.js'
import { type Shop, startShop } from './support/shop.js'
import { appA, type System } from './support/system.js'

warnWithoutBrowser('the H5 pages')
uniApp.warnUnlessReady()

const picture = `${uniApp.directory}src/static/goods/cup.png`
/** Where to put pictures of every page, for people to look at; nowhere unless it is said. */
const picturesTo = process.env.UNI_APP_PICTURES

describe.skipIf(!hasBrowser || !uniApp.isReady)('the H5 pages, in Chromium', { timeout: 60_000 }, () => {
  let shop: Shop
  let system: System
  let site: Awaited<ReturnType<typeof servePage>>
  let directory: string
  let browser: Browser
  let complaints: string[] = []

  beforeAll(async () => {
    directory = await uniApp.build('build:h5', 'dist/build/h5')
    let edit = (code: string) => code
    site = await servePage(directory, code => edit(code))
    shop = await startShop(site.url)
    system = shop.system
    edit = readdress({
      login: system.url,
      orders: shop.ordersUrl,
      emulator: system.emulator.url,
      appid: appA.appid,
    })
    browser = await chromium.launch({ executablePath, args: browserArguments })
  })
  afterEach(() => {
    const heard = complaints
    complaints = []
    expect(heard).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    site?.close()
    await shop?.close()
  })

  const newPerson = (phone?: string) => shop.newPerson(phone)

  /** A fresh browser, with that person's WeChat behind it; what the page complains about, and foreign hosts, are collected. */
  async function open(user = newPerson(), options: { language?: 'en'; expectsFailures?: boolean } = {}) {
    const context = await browser.newContext({
      viewport: { width: 375, height: 720 },
      deviceScaleFactor: 2,
      locale: options.language ?? 'zh-CN',
    })
    context.setDefaultTimeout(8000)
    const page = await context.newPage()
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => {
      if (message.type() === 'error' && !options.expectsFailures) complaints.push(message.text())
    })
    page.on('request', request => {
      if (!/^(http:\/\/127\.0\.0\.1:|blob:|data:)/.test(request.url())) complaints.push(`asks ${request.url()}`)
    })
    await page.goto(`${site.url}/?person=${user.id}`)
    await part(page, 'home').waitFor()
    return { page, user, close: () => context.close() }
  }
  type Opened = Awaited<ReturnType<typeof open>>

  const part = (page: Page, name: string) => page.locator(`[data-testid="${name}"]:visible`)
  const tab = (page: Page, index: number) => page.locator('.uni-tabbar__item').nth(index).click()
  const answer = (page: Page, choice: 'primary' | 'default') => page.locator(`.uni-modal__btn_${choice}`).click()
  const accountOf = (page: Page) => part(page, 'account-id').getAttribute('data-account')

  async function toLoginPage({ page }: Opened): Promise<void> {
    await tab(page, 2)
    await part(page, 'to-login').click()
    await part(page, 'agree').click()
    await part(page, 'phone-button').waitFor()
  }
  async function logIn(opened: Opened): Promise<string | null> {
    await toLoginPage(opened)
    await part(opened.page, 'login-wechat').click()
    return accountOf(opened.page)
  }
  async function logInByPhone(opened: Opened): Promise<string | null> {
    await toLoginPage(opened)
    await part(opened.page, 'phone-button').click()
    await answer(opened.page, 'primary')
    return accountOf(opened.page)
  }
  async function signOut(page: Page, where: 0 | 1): Promise<void> {
    await part(page, 'sign-out').click()
    await page.locator('.uni-actionsheet__cell').nth(where).click()
    await part(page, 'guest').waitFor()
  }

  it('can be looked at without login; an order asks for it, "not now" leads back', async () => {
    const { page, close } = await open()
    await part(page, 'product-lamp').click()
    await part(page, 'place-order').click()
    await part(page, 'not-now').click()
    await part(page, 'needs-login').waitFor()
    await close()
  })

  it('by WeChat login an order can be made, which is on the protected page', async () => {
    const { page, close } = await open()
    await part(page, 'product-cup').click()
    await part(page, 'place-order').click()
    await part(page, 'agree').click()
    await part(page, 'login-wechat').click()
    await part(page, 'needs-login').waitFor({ state: 'detached' })
    await part(page, 'place-order').click()
    await part(page, 'order').waitFor()
    expect(await part(page, 'order').textContent()).toContain('手作马克杯')
    await close()
  })

  it('WeChat and phone lead to one account; the phone button is there while a phone is missing', async () => {
    const user = newPerson('13712345678')
    const first = await open(user)
    const account = await logIn(first)
    await part(first.page, 'phone-button').click()
    await answer(first.page, 'primary')
    await part(first.page, 'phone-button').waitFor({ state: 'detached' })
    expect(await part(first.page, 'phone').textContent()).toBe('137******78')
    await first.close()
    const second = await open(user)
    expect(await logInByPhone(second)).toBe(account)
    await second.page.reload()
    expect(await accountOf(second.page)).toBe(account)
    await second.close()
  })

  it('a refusal leads to WeChat login', async () => {
    const opened = await open(newPerson(), { expectsFailures: true })
    const { page, close } = opened
    await toLoginPage(opened)
    await part(page, 'phone-button').click()
    await answer(page, 'default')
    await part(page, 'refusal').waitFor()
    expect(await part(page, 'refusal').textContent()).toContain('没关系')
    await part(page, 'login-wechat').click()
    await part(page, 'account-id').waitFor()
    await close()
  })

  /** A person whose WeChat has an account, and has got a number that belongs to another account. */
  async function toConflict(language?: 'en') {
    const phone = shop.nextPhone()
    const ofPhone = await open(newPerson(phone))
    const phoneAccount = await logInByPhone(ofPhone)
    await ofPhone.close()
    const user = newPerson()
    const opened = await open(user, { expectsFailures: true, ...(language && { language }) })
    await logInByPhone(opened)
    await signOut(opened.page, 0)
    system.emulator.changeUser(user.id, { phone })
    await toLoginPage(opened)
    await part(opened.page, 'phone-button').click()
    await answer(opened.page, 'primary')
    await part(opened.page, 'conflict').waitFor()
    return { ...opened, phoneAccount }
  }

  it('a conflict is explained, and what the person chooses is done', async () => {
    const { page, close, phoneAccount } = await toConflict()
    expect(await part(page, 'conflict').textContent()).toContain('你有两个账号')
    await part(page, 'conflict-use_phone_account').click()
    expect(await accountOf(page)).toBe(phoneAccount)
    await close()
  })

  it('the account gets a picture and a name', async () => {
    const opened = await open()
    const { page, close } = opened
    await logIn(opened)
    await part(page, 'profile').click()
    const chooser = page.waitForEvent('filechooser')
    await part(page, 'choose-avatar').click()
    await (await chooser).setFiles(picture)
    await page.getByText('已保存').waitFor()
    await part(page, 'nickname-input').locator('input').fill('小林')
    await part(page, 'save').click()
    await part(page, 'nickname').waitFor()
    expect(await part(page, 'nickname').textContent()).toBe('小林')
    expect(await part(page, 'avatar').locator('img').getAttribute('src')).toContain('/uploads/avatars/')
    await close()
  })

  it('a device that is logged out learns it; logging out everywhere ends all', async () => {
    const user = newPerson()
    const here = await open(user, { expectsFailures: true })
    const there = await open(user, { expectsFailures: true })
    await logIn(there)
    await logIn(here)
    await part(here.page, 'devices').click()
    await expect.poll(() => part(here.page, 'device').count()).toBe(2)
    await part(here.page, 'revoke').click()
    await expect.poll(() => part(here.page, 'device').count()).toBe(1)
    await tab(there.page, 0)
    await tab(there.page, 2)
    await part(there.page, 'guest').waitFor()
    await logIn(there)
    await here.page.goBack()
    await signOut(here.page, 1)
    await tab(there.page, 1)
    await tab(there.page, 2)
    await part(there.page, 'guest').waitFor()
    await here.close()
    await there.close()
  })

  it('is deleted after two confirmations', async () => {
    const opened = await open()
    const { page, close } = opened
    const account = await logIn(opened)
    await part(page, 'delete-account').click()
    await part(page, 'understand').click()
    await part(page, 'delete').click()
    await answer(page, 'default')
    await part(page, 'delete').click()
    await answer(page, 'primary')
    await part(page, 'guest').waitFor()
    expect(await logIn(opened)).not.toBe(account)
    await close()
  })

  it.each(['zh-CN', 'en'] as const)('every page fits a phone of 375 pixels, in %s', async language => {
    const more = language === 'en' ? { language } : {}
    const opened = await open(newPerson('13787654321'), { ...more, expectsFailures: true })
    const { page } = opened
    const look = async (name: string, on = page) => {
      // Pages slide in.
      if (picturesTo) await on.waitForTimeout(400)
      expect([name, await on.evaluate('document.documentElement.scrollWidth')]).toEqual([name, 375])
      if (language === 'en') {
        // The switch names the other language in that language; a random nickname is Chinese.
        const text = (await on.locator('uni-app').innerText()).replace('中文', '').replace(/用户\w{6}/g, '')
        expect([name, text]).toEqual([name, expect.not.stringMatching(/\p{Script=Han}/u)])
      }
      if (picturesTo) await on.screenshot({ path: `${picturesTo}/${name}.${language}.png` })
    }
    const visit = async (name: string) => {
      await part(page, name).click()
      await part(page, `${name === 'delete-account' ? 'delete' : name}-page`).waitFor()
      await look(name)
      await page.goBack()
    }
    await look('home')
    await part(page, 'product-plant').click()
    await part(page, 'place-order').waitFor()
    await look('product')
    await page.goBack()
    await tab(page, 1)
    await look('orders-guest')
    await tab(page, 2)
    await look('me-guest')
    await part(page, 'to-login').click()
    await part(page, 'login').waitFor()
    await look('login')
    await part(page, 'privacy').click()
    await look('privacy')
    await page.goBack()
    await part(page, 'agree').click()
    await part(page, 'phone-button').click()
    await look('phone-sheet')
    await answer(page, 'default')
    await part(page, 'refusal').waitFor()
    await look('login-refused')
    await part(page, 'login-wechat').click()
    await part(page, 'account-id').waitFor()
    if (picturesTo) await page.waitForTimeout(2000)
    await look('me')
    await part(page, 'sign-out').click()
    await look('sign-out')
    await page.locator('.uni-actionsheet__action, .uni-actionsheet__cell').last().click()
    for (const name of ['profile', 'devices', 'delete-account']) await visit(name)
    await tab(page, 1)
    await part(page, 'no-orders').waitFor()
    await look('orders-empty')
    await tab(page, 0)
    await look('home-signed-in')
    await part(page, 'product-bag').click()
    await part(page, 'place-order').click()
    await part(page, 'order').waitFor()
    await look('orders')
    await opened.close()
    const conflict = await toConflict(language === 'en' ? language : undefined)
    await look('conflict', conflict.page)
    await conflict.close()
  })

  it('nothing calls home: no foreign host in the build', () => {
    expect(foreignHosts(directory)).toEqual([])
  })
})
