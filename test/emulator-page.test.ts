import { type Emulator, startEmulator } from '@mplogin/emulator'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { browserArguments, executablePath, hasBrowser, warnWithoutBrowser } from './support/browser.js'
import { createWechatCaller } from './support/wechat-caller.js'

// The emulator's own page in a real browser, as it was built. Without Chromium it is skipped, loudly; in CI it fails.
warnWithoutBrowser('the page of the emulator')

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-of-app-a', name: '林间小店', openPlatform: 'platform' }
const personal = { appid: 'wxbbbbbbbbbbbbbbbb', secret: 'secret-of-app-b', name: 'Mine', personal: true }
const codePath = '/sns/jscode2session'

describe.skipIf(!hasBrowser)('the page of the emulator, in Chromium', { timeout: 60_000 }, () => {
  let emulator: Emulator
  let browser: Browser
  beforeAll(async () => {
    emulator = await startEmulator({ apps: [app, personal] })
    browser = await chromium.launch({ executablePath, args: browserArguments })
  })
  beforeEach(() => {
    emulator.reset()
    emulator.createUser({ id: 'lin', name: '林晓', phone: '13800001234' })
  })
  afterAll(async () => {
    await browser?.close()
    await emulator.close()
  })

  /** A fresh visitor; whatever the page complains about is collected, requests that were refused aside. */
  async function open(
    options: { language?: 'en'; width?: number } = {},
  ): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1440, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(error.message))
    page.on('dialog', dialog => void dialog.accept())
    page.on('console', message => {
      if (message.type() === 'error' && !message.text().includes('status of 40')) complaints.push(message.text())
    })
    page.on('request', request => {
      if (!request.url().startsWith(`${emulator.url}/_emulator`)) complaints.push(`asks ${request.url()}`)
    })
    await page.goto(`${emulator.url}/_emulator/${options.language ? `?lang=${options.language}` : ''}`)
    await page.locator('.person').first().waitFor()
    return { page, complaints }
  }
  const person = (page: Page, id: string) => page.locator(`[data-user-id="${id}"]`)
  const press = (page: Page, key: string) => page.locator(`[data-key="${key}"]`).click()
  const wechat = () => createWechatCaller(emulator, app)

  it('gives codes that work, to copy, and counts what they cost', async () => {
    const { page, complaints } = await open()
    await press(page, 'lin login')
    const code = (await person(page, 'lin').locator('.code code').textContent()) ?? ''
    expect((await wechat().exchange(code)).openid).toMatch(/^o/)
    await press(page, 'lin phone')
    await expect.poll(() => person(page, 'lin').locator('.code code').textContent()).toMatch(/^[0-9a-f]{64}$/)
    await press(page, 'lin copy')
    await expect.poll(() => page.locator('[data-key="lin copy"]').textContent()).toBe('已复制')
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect((await wechat().phoneNumber({ code: copied })).phone_info.phoneNumber).toBe('13800001234')
    await expect.poll(() => page.locator('#yuan').textContent()).toBe('¥0.03')
    await press(page, 'lin realtime')
    await expect.poll(() => page.locator('#yuan').textContent()).toBe('¥0.07')
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('lists calls as they come, with why, the newest first; can be paused', async () => {
    const { page, complaints } = await open({ language: 'en' })
    expect(await page.locator('#calls').textContent()).toContain('No calls yet')
    await wechat().exchange('x')
    await wechat().stable()
    await expect.poll(() => page.locator('.call').count()).toBe(2)
    expect(await page.locator('.call').first().textContent()).toContain('POST /cgi-bin/stable_token')
    const refused = page.locator('.call').last()
    expect(await refused.textContent()).toMatch(/40029.*no such login code/)
    await refused.locator('summary').click()
    expect(await refused.locator('pre').first().textContent()).toContain('"grant_type": "authorization_code"')
    // An opened call stays open when others come.
    await wechat().exchange('y')
    await expect.poll(() => page.locator('.call').count()).toBe(3)
    expect(await refused.getAttribute('open')).not.toBeNull()

    await page.locator('#pause').click()
    await wechat().exchange('z')
    await expect.poll(() => page.locator('#pause').textContent()).toBe('Go on (1)')
    expect(await page.locator('.call').count()).toBe(3)
    await page.locator('#pause').click()
    expect(await page.locator('.call').count()).toBe(4)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('switches faults on and off, by keyboard too', async () => {
    const { page, complaints } = await open()
    const busy = page.locator('[data-key="busy"]')
    await busy.focus()
    await page.keyboard.press('Space')
    await expect.poll(() => busy.getAttribute('aria-checked')).toBe('true')
    expect(emulator.faults()).toMatchObject([{ path: codePath, errcode: -1, chance: 1 }])
    expect((await wechat().exchange('x')).errcode).toBe(-1)
    // The focus stays where it was when the page is drawn anew.
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-key'))).toBe('busy')
    await page.keyboard.press('Enter')
    await expect.poll(() => busy.getAttribute('aria-checked')).toBe('false')
    expect(emulator.faults()).toEqual([])

    await page.locator('#fault-path').selectOption('/cgi-bin/stable_token')
    await page.locator('#fault-often').selectOption('once')
    await press(page, 'gateway')
    await expect.poll(() => page.locator('.fault').textContent()).toMatch(/\/cgi-bin\/stable_token.*HTTP 502.*剩 1 次/)
    await expect(wechat().stable()).rejects.toThrow()
    await expect.poll(() => page.locator('.fault').count()).toBe(0)
    // What a test asked for is shown too, and can be removed here.
    emulator.addFault({ path: '/cgi-bin/token', body: 'Bad Gateway', status: 502, chance: 0.5, seed: 9 })
    await expect.poll(() => page.locator('.fault').textContent()).toMatch(/body Bad Gateway.*概率 50%/)
    await page.locator('.fault button').click()
    await expect.poll(() => emulator.faults()).toEqual([])
    await press(page, 'rotate')
    await expect.poll(() => emulator.settings().sessionKeyRotateAlways).toBe(true)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('makes people, chooses their number, flags them; a name that is HTML stays text', async () => {
    const { page, complaints } = await open()
    const name = '<img src=x onerror=document.title="hacked"><script>document.title="hacked"</script>'
    await page.locator('#new-person summary').click()
    await page.locator('#new-phones').fill('not a phone')
    await page.locator('#new-person-form button').click()
    await expect.poll(() => page.locator('#new-problem').textContent()).toMatch(/^phone: expected/)
    await page.locator('#new-name').fill(name.slice(0, 64))
    await page.locator('#new-phones').fill('13900005678，+14155550142')
    await page.locator('#new-person-form button').click()
    await expect.poll(() => page.locator('.person').count()).toBe(2)
    const made = emulator.users()[1]
    expect(made?.phones).toEqual(['+8613900005678', '+14155550142'])
    const card = person(page, made?.id ?? '')
    expect(await card.locator('strong').textContent()).toBe(name.slice(0, 64))
    await card.locator('select').selectOption('+14155550142')
    await expect.poll(() => emulator.users()[1]?.phone).toBe('+14155550142')
    await press(page, `${made?.id} block`)
    await expect.poll(() => card.locator('.tag').textContent()).toBe('高风险')
    emulator.addFault({ path: codePath, body: name })
    emulator.addApp({ ...personal, appid: 'wxevil', name })
    await fetch(`${emulator.url}${codePath}?appid=${encodeURIComponent(name)}`)
    await fetch(`${emulator.url}/${encodeURIComponent(name)}`)
    await expect.poll(() => page.locator('.app').count()).toBe(3)
    await expect.poll(() => page.locator('.call').count()).toBe(2)
    expect(await page.title()).not.toContain('hacked')
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('says why a phone gives no code', async () => {
    const { page } = await open()
    await page.locator('#app').selectOption(personal.appid)
    await press(page, 'lin phone')
    await expect
      .poll(() => person(page, 'lin').locator('.problem').textContent())
      .toContain('getPhoneNumber:fail no permission')
    expect(await page.locator('#apps').textContent()).toContain('个人主体')
    await page.context().close()
  })

  it('moves the clock, and forgets everything', async () => {
    const { page, complaints } = await open()
    const before = emulator.now().getTime()
    await press(page, 'hour')
    await expect.poll(() => emulator.now().getTime() - before).toBeGreaterThanOrEqual(3_600_000)
    await wechat().exchange('x')
    await expect.poll(() => page.locator('.call').count()).toBe(1)
    await page.locator('#reset').click()
    await expect.poll(() => page.locator('#people').textContent()).toContain('还没有用户')
    expect([emulator.users(), await page.locator('.call').count()]).toEqual([[], 0])
    expect(Math.abs(emulator.now().getTime() - Date.now())).toBeLessThan(60_000)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('says when the emulator is gone', async () => {
    const own = await startEmulator()
    own.createUser({ id: 'lin' })
    const page = await browser.newPage()
    await page.goto(`${own.url}/_emulator/`)
    await page.locator('.person').waitFor()
    expect(await page.locator('#offline').isVisible()).toBe(false)
    await own.close()
    await expect.poll(() => page.locator('#offline').isVisible(), { timeout: 10_000 }).toBe(true)
    await page.close()
  })

  it('speaks English by a switch and remembers it; nothing is left in Chinese but names', async () => {
    const { page } = await open()
    await page.locator('#language').click()
    await page.reload()
    await page.locator('.person').first().waitFor()
    expect([await page.title(), await page.locator('html').getAttribute('lang')]).toEqual([
      'WeChat emulator · mplogin',
      'en',
    ])
    emulator.addFault({ path: codePath, wrong: true, times: 2 })
    await press(page, 'lin login')
    await expect.poll(() => page.locator('.fault').count()).toBe(1)
    const text = (await page.locator('body').innerText()).replaceAll(/林晓|林间小店|中文|^林$/gm, '')
    expect(text).not.toMatch(/\p{Script=Han}/u)
    await page.context().close()
  })

  it.each([375, 768, 1024, 1440])('fits a window of %i pixels', async width => {
    for (const language of [undefined, 'en'] as const) {
      const { page } = await open({ width, ...(language && { language }) })
      emulator.addFault({ path: '/wxa/business/getuserphonenumber', errcode: 45011, chance: 1 })
      await press(page, 'lin phone')
      await wechat().exchange('x'.repeat(300))
      await expect.poll(() => page.locator('.call').count()).toBeGreaterThan(0)
      await page.locator('.call summary').first().click()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
      await page.context().close()
    }
  })
})

describe('the files of the page', () => {
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await startEmulator()
  })
  afterAll(() => emulator.close())
  const get = (path: string, accept = '*/*') => fetch(`${emulator.url}/_emulator${path}`, { headers: { accept } })

  it('are there for browsers; scripts and curl get the list of routes', async () => {
    for (const path of ['', '/']) {
      const page = await get(path, 'text/html,application/xhtml+xml')
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(await page.text()).toContain('id="people"')
      expect((await get(path)).headers.get('content-type')).toContain('application/json')
    }
  })

  it('allow nothing but themselves', async () => {
    const policy = (await get('/', 'text/html')).headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    const html = await (await get('/', 'text/html')).text()
    expect(html).not.toMatch(
      /https?:|<style|style=|onclick|<script(?! type="module" src="\/_emulator\/page\/main\.js">)/,
    )
  })

  it('are those of the page and no others', async () => {
    for (const path of ['/page/style.css', '/page/icon.svg', '/page/main.js', '/page/texts.js'])
      expect((await get(path)).status, path).toBe(200)
    for (const path of ['/page/nothing.js', '/page/..%2f..%2fpackage.json', '/page/main.js.map', '/page/index.html'])
      expect([400, 404], path).toContain((await get(path)).status)
  })
})
