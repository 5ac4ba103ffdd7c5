import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createWx, type WxOptions } from '@mplogin/emulator/wx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MiniProgram, startMiniProgram } from './support/mini-program/mini-program.js'
import { appA, type System, startSystem } from './support/system.js'
import { buildUniApp, hasUniApp, readdress, uniAppDirectory, warnWithoutUniApp } from './support/uni-app.js'

warnWithoutUniApp('the tests of the mini program are')

describe.skipIf(!hasUniApp)('the compiled mini program', { timeout: 60_000 }, () => {
  let system: System
  let directory: string
  let orders: Server
  let ordersUrl: string
  beforeAll(async () => {
    directory = await buildUniApp('mp-weixin')
    system = await startSystem()
    // The phone lives today.
    system.advance({ seconds: (Date.now() - system.clock().getTime()) / 1000 })
    const { createOrders } = await import(`${uniAppDirectory}server/orders.js`)
    orders = createServer(createOrders(system.url))
    await new Promise<void>(resolve => orders.listen(0, '127.0.0.1', resolve))
    ordersUrl = `http://127.0.0.1:${(orders.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    orders?.closeAllConnections()
    orders?.close()
    await system?.close()
  })

  async function open(phone?: string, options: WxOptions = {}) {
    const { user } = system.person(phone)
    const wx = createWx(system.emulator, user, { appid: appA.appid, ...options })
    const edit = readdress({ login: system.url, orders: ordersUrl })
    return { wx, user, app: await startMiniProgram({ directory, wx, edit }) }
  }

  it('opens', async () => {
    const { app } = await open('13800000001')
    console.log(app.route(), app.text(), app.tabs, app.title(), app.complaints, app.missing)
    app.switchTab('/pages/me/me')
    app.tap('to-login')
    await expect.poll(() => app.route()).toBe('pages/login/login')
    console.log(app.text())
    app.tap('agree')
    await expect.poll(() => app.has('phone-button')).toBe(true)
    app.tap('login-wechat')
    await expect.poll(() => app.route()).toBe('pages/me/me')
    console.log(app.text(), app.toasts, app.complaints, app.missing)
  })
})
