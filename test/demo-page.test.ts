import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserArguments, executablePath, hasBrowser, warnWithoutBrowser } from './support/browser.js'
import { listeningUrl, type Running, startCommand } from './support/processes.js'

// The page of `npm start` in a real browser. Without Chromium it is skipped, loudly; in CI it fails.
warnWithoutBrowser('the demo page')

describe.skipIf(!hasBrowser)('the demo page, in Chromium', { timeout: 60_000 }, () => {
  let directory: string
  let dev: Running
  let url: string
  let browser: Browser
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mplogin-demo-'))
    dev = startCommand(['dev'], { cwd: directory, env: { PORT: '0' } })
    url = await listeningUrl(dev)
    browser = await chromium.launch({ executablePath, args: browserArguments })
  })
  afterAll(async () => {
    await browser?.close()
    expect(await dev.stop()).toBe(0)
    rmSync(directory, { recursive: true, force: true })
  })

  /** A fresh visitor; whatever the page complains about is collected. */
  async function open(
    options: { language?: 'en'; width?: number } = {},
  ): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width: options.width ?? 1440, height: 900 } })
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('request', request => {
      if (!request.url().startsWith('http://127.0.0.1:')) complaints.push(`asks ${request.url()}`)
    })
    await page.goto(options.language ? `${url}/?lang=${options.language}` : url)
    await page.locator('[data-testid="user-card"]').first().waitFor()
    return { page, complaints }
  }
  const part = (page: Page, id: string) => page.locator(`[data-testid="${id}"]`)
  const choose = (page: Page, id: string) => page.locator(`[data-user-id="${id}"]`).click()
  const accountId = (page: Page) => part(page, 'account-id').getAttribute('data-account-id')

  it('shows the article’s problem solved: openid login, then phone login, one account; then log-out', async () => {
    const { page, complaints } = await open()
    await part(page, 'login-wechat').click()
    await part(page, 'profile').waitFor()
    const byOpenid = await accountId(page)
    expect(await part(page, 'bind-phone').isVisible()).toBe(true)
    await part(page, 'logout').click()

    await part(page, 'login-phone').click()
    await part(page, 'phone-allow').click()
    await part(page, 'profile').waitFor()
    expect(await accountId(page)).toBe(byOpenid)
    await expect.poll(() => part(page, 'toast').textContent()).toBe('已关联到同一个账号')
    expect(await part(page, 'profile-phone').textContent()).toBe('138******34')
    expect(await part(page, 'bind-phone').count()).toBe(0)

    const card = page.locator(`[data-testid="account-card"][data-account-id="${byOpenid}"]`)
    await expect.poll(() => card.locator('[data-testid="identity-chip"]').count()).toBe(3)
    expect(await part(page, 'account-card').count()).toBe(1)
    expect(await part(page, 'yuan').textContent()).toBe('¥0.03')
    expect(await page.locator('.guide-step.done').count()).toBe(3)
    expect(await part(page, 'timeline-entry').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('/wxa/business/getuserphonenumber')]),
    )

    await part(page, 'logout').click()
    await part(page, 'login-wechat').waitFor()
    // A reload does not bring the login back.
    await page.reload()
    await part(page, 'login-wechat').waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  it('takes a refusal kindly, costs nothing, and leaves the other way open', async () => {
    const { page } = await open()
    await choose(page, 'maya')
    const spent = await part(page, 'yuan').textContent()
    await part(page, 'login-phone').click()
    await part(page, 'phone-deny').click()
    expect(await part(page, 'phone-refusal').textContent()).toContain('可以继续使用微信登录')
    await part(page, 'login-wechat').click()
    await part(page, 'profile').waitFor()
    expect(await part(page, 'yuan').textContent()).toBe(spent)
    await page.close()
  })

  it('says why there is no phone: an app of a person, a WeChat without a number', async () => {
    const { page } = await open({ language: 'en' })
    await part(page, 'app-select').selectOption({ index: 1 })
    await part(page, 'login-phone').click()
    await part(page, 'phone-allow').click()
    await expect.poll(() => part(page, 'phone-refusal').textContent()).toContain('personal subject')
    await part(page, 'app-select').selectOption({ index: 0 })
    await choose(page, 'chenmo')
    await part(page, 'login-phone').click()
    await part(page, 'phone-allow').click()
    await expect.poll(() => part(page, 'phone-refusal').textContent()).toContain('has no phone number')
    await page.close()
  })

  it('asks a person with two WeChats which account to use, and does it', async () => {
    const { page } = await open()
    await choose(page, 'zhouye-1')
    await part(page, 'login-phone').click()
    await part(page, 'phone-allow').click()
    await part(page, 'profile').waitFor()
    const first = await accountId(page)
    await choose(page, 'zhouye-2')
    await part(page, 'login-wechat').click()
    await part(page, 'profile').waitFor()
    expect(await accountId(page)).not.toBe(first)
    await part(page, 'bind-phone').click()
    await part(page, 'phone-allow').click()
    await part(page, 'conflict-use_phone_account').click()
    await expect.poll(() => accountId(page)).toBe(first)
    // The phone keeps its login over a restart of the mini program.
    await page.reload()
    await choose(page, 'zhouye-2')
    await part(page, 'profile').waitFor()
    expect(await accountId(page)).toBe(first)
    await page.close()
  })

  it('makes new people, renames them, and deletes their account for good', async () => {
    const { page } = await open()
    await part(page, 'new-user').click()
    await part(page, 'new-user-name').fill('新朋友')
    await part(page, 'new-user-phone').fill('not a phone')
    await part(page, 'new-user-create').click()
    await expect.poll(() => part(page, 'new-user-phone').getAttribute('aria-invalid')).toBe('true')
    await part(page, 'new-user-phone').fill('+6591234567')
    await part(page, 'new-user-create').click()
    // The form closes once the new person is there and holds the phone.
    await part(page, 'new-user-create').waitFor({ state: 'detached' })
    await part(page, 'login-phone').click()
    await part(page, 'phone-allow').click()
    await part(page, 'profile').waitFor()
    const id = await accountId(page)
    await part(page, 'nickname-edit').click()
    await part(page, 'nickname-input').fill('小林')
    await part(page, 'nickname-save').click()
    await expect.poll(() => part(page, 'nickname').textContent()).toBe('小林')
    await part(page, 'expire-token').click()
    await expect.poll(() => part(page, 'toast').textContent()).toBe('令牌到期了，SDK 已自动换新')
    const requests = page.locator('[data-testid="timeline-entry"] .line.main')
    expect(await requests.nth(0).textContent()).toContain('/me/sessions')
    expect(await requests.nth(1).textContent()).toContain('/token/refresh')
    await part(page, 'delete-account').click()
    await part(page, 'delete-confirm').click()
    await part(page, 'login-wechat').waitFor()
    await expect.poll(() => page.locator(`[data-testid="account-card"][data-account-id="${id}"]`).count()).toBe(0)
    await part(page, 'login-wechat').click()
    await part(page, 'profile').waitFor()
    expect(await accountId(page)).not.toBe(id)
    await page.close()
  })

  it('speaks English by a switch and remembers it; nothing is left in Chinese but names', async () => {
    const { page } = await open()
    await part(page, 'lang-switch').click()
    await page.reload()
    await part(page, 'user-card').first().waitFor()
    expect(await page.title()).toBe('mplogin · one person, one account')
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    expect(await page.locator('.story').textContent()).not.toMatch(/\p{Script=Han}/u)
    expect(await page.locator('.phone').textContent()).not.toMatch(/\p{Script=Han}/u)
    await page.close()
  })

  it.each([375, 768, 1024, 1440])('fits a window of %i pixels', async width => {
    const { page } = await open({ width })
    await choose(page, 'linxiao')
    await part(page, 'login-wechat').click()
    await part(page, 'profile').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await page.close()
  })
})
