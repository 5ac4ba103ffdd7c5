import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Emulator, startEmulator } from '@mplogin/emulator'
import { createWx } from '@mplogin/emulator/wx'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserArguments, executablePath, hasBrowser, warnWithoutBrowser } from './support/browser.js'
import { appA, startSystem } from './support/system.js'

warnWithoutBrowser('the wx object')

describe('the wx object and the whole system', () => {
  it('log a person in as a mini program does: wx.login, the phone button, wx.request', async () => {
    const system = await startSystem()
    const user = system.emulator.createUser({ phone: '13800000000' })
    const wx = createWx(system.emulator, user, { appid: appA.appid })
    const login = () => new Promise<{ code: string }>((success, fail) => wx.login({ success, fail }))
    const post = (path: string, data: object) =>
      // biome-ignore lint/suspicious/noExplicitAny: the answer of the server, as wx.request gives it
      new Promise<{ statusCode: number; data: any }>((success, fail) =>
        wx.request({ url: system.url + path, method: 'POST', data, success, fail }),
      )
    const byOpenid = await post('/login', { code: (await login()).code })
    expect([byOpenid.statusCode, byOpenid.data.data.outcome]).toEqual([200, 'created'])
    const { detail } = await wx.tapPhoneButton()
    const byPhone = await post('/loginByPhone', { code: detail.code, loginCode: (await login()).code })
    expect(byPhone.data.data).toMatchObject({ outcome: 'linked', user: { id: byOpenid.data.data.user.id } })
    expect((await post('/loginByPhone', { code: detail.code })).statusCode).toBe(400)
    await system.close()
  })
})

const page =
  '<link rel="icon" href="data:,"><script type="module">import { createWx } from "/wx.js"; window.createWx = createWx</script>'

describe.skipIf(!hasBrowser)('the wx object as it was built, in Chromium', { timeout: 60_000 }, () => {
  const dist = new URL('../packages/emulator/dist/', import.meta.url)
  let emulator: Emulator
  let browser: Browser
  let server: Server
  let url: string
  beforeAll(async () => {
    emulator = await startEmulator()
    server = createServer(async (request, response) => {
      const path = (request.url ?? '').slice(1)
      if (path === '') return response.setHeader('content-type', 'text/html').end(page)
      if (path === 'api')
        return response.setHeader('content-type', 'application/json').end(`{"method":"${request.method}"}`)
      const file = await readFile(new URL(path, dist)).catch(() => undefined)
      response.statusCode = file ? 200 : 404
      return response.setHeader('content-type', 'text/javascript').end(file)
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    browser = await chromium.launch({ executablePath, args: browserArguments })
  })
  afterAll(async () => {
    await browser?.close()
    server.closeAllConnections()
    server.close()
    await emulator.close()
  })

  it('asks the emulator through its control routes, and the server through fetch', async () => {
    const user = emulator.createUser({ phone: '13800000000' })
    const tab = await browser.newPage()
    const complaints: string[] = []
    tab.on('pageerror', error => complaints.push(error.message))
    tab.on('console', message => void (message.type() === 'error' && complaints.push(message.text())))
    await tab.goto(url)
    await tab.waitForFunction('window.createWx')
    const result = await tab.evaluate(
      async ({ emulatorUrl, user, url }) => {
        const wx = (window as unknown as { createWx: typeof createWx }).createWx(emulatorUrl, user)
        const login = await new Promise(success => wx.login({ success }))
        const { detail } = await wx.tapPhoneButton()
        const answer = await new Promise(success =>
          wx.request({ url: `${url}/api`, method: 'POST', data: { a: 1 }, success }),
        )
        await wx.setStorage({ key: 'k', data: new Date(0) })
        wx.setOffline(true)
        const offline = await new Promise(fail => wx.request({ url: `${url}/api`, fail }))
        return { login, detail, answer, offline, stored: wx.getStorageSync('k').getTime() }
      },
      { emulatorUrl: emulator.url, user, url },
    )
    expect(result).toMatchObject({
      login: { code: expect.stringMatching(/^0\w{31}$/), errMsg: 'login:ok' },
      detail: { code: expect.stringMatching(/^[0-9a-f]{64}$/), errMsg: 'getPhoneNumber:ok' },
      answer: { statusCode: 200, data: { method: 'POST' }, errMsg: 'request:ok' },
      offline: { errMsg: 'request:fail net::ERR_INTERNET_DISCONNECTED', errno: 600001 },
      stored: 0,
    })
    expect(complaints).toEqual([])
    await tab.close()
  })
})
