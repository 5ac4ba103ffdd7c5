/** Takes the README's screenshots of the demo page again: `node scripts/write-images.js`, with Chromium at CHROMIUM or /usr/bin/chromium. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'

const cwd = mkdtempSync(join(tmpdir(), 'mplogin-images-'))
const dev = spawn(process.execPath, [resolve('packages/server/bin/mplogin.js'), 'dev'], {
  cwd,
  stdio: ['ignore', 'pipe', 'inherit'],
})
const url = await new Promise(found => {
  dev.stdout.setEncoding('utf8').on('data', text => {
    const [, address] = /(?:Page|演示页面)\s+(\S+)/.exec(text) ?? []
    if (address) found(address)
  })
})
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
})
mkdirSync('docs/images', { recursive: true })

for (const [language, person] of [
  ['zh-CN', 'linxiao'],
  ['en', 'maya'],
]) {
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 } })
  const part = id => page.locator(`[data-testid="${id}"]`)
  await page.goto(`${url}/?lang=${language}`)
  await page.locator(`[data-user-id="${person}"]`).click()
  await part('login-wechat').click()
  await part('profile').waitFor()
  await part('logout').click()
  await part('login-phone').click()
  await part('phone-allow').click()
  await part('profile-phone').waitFor()
  await page.locator('[data-kind="phone"]').first().waitFor()
  await page.waitForTimeout(4000) // until the toast is gone
  await page.screenshot({ path: `docs/images/demo.${language}.png` })
  await part('delete-account').click()
  await part('delete-confirm').click()
  await part('login-wechat').waitFor()
  console.log(`wrote docs/images/demo.${language}.png`)
}
await browser.close()
dev.kill('SIGTERM')
await new Promise(ended => dev.once('exit', ended))
rmSync(cwd, { recursive: true, force: true })
