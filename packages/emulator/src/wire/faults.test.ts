import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createWechatCaller } from '../../../../test/support/wechat-caller.js'
import { type Emulator, startEmulator } from '../emulator.js'

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a' }
const emulator: Emulator = await startEmulator({ apps: [app] })
const wechat = createWechatCaller(emulator, app)
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

const path = '/sns/jscode2session'
const call = (code: string) =>
  fetch(`${emulator.url}${path}?${new URLSearchParams({ ...app, js_code: code, grant_type: 'authorization_code' })}`)
const newCode = () => emulator.loginCode(emulator.createUser().id).code

describe('a fault', () => {
  it('sends half of the right answer and cuts the connection; the code is spent', async () => {
    const code = newCode()
    emulator.addFault({ path, half: true })
    const response = await call(code)
    expect(response.status).toBe(200)
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(80)
    await expect(response.text()).rejects.toThrow()
    expect((await wechat.exchange(code)).errcode).toBe(40163)
  })

  it('sends half of another answer', async () => {
    emulator.addFault({ path, half: true, errcode: 45011 })
    await expect((await call(newCode())).text()).rejects.toThrow()
    expect(emulator.calls()).toMatchObject([
      { errcode: 45011, why: 'a fault that was asked for: errcode 45011, half of the answer' },
    ])
  })

  it('trickles the right answer byte by byte', async () => {
    const code = newCode()
    emulator.addFault({ path, trickleMs: 1 })
    const before = performance.now()
    const response = await call(code)
    const headersAfter = performance.now() - before
    const body = JSON.parse(await response.text())
    expect(body.openid).toMatch(/^o/)
    expect(performance.now() - before).toBeGreaterThan(headersAfter + 60)
  })

  it('stops to trickle when nobody listens any more', async () => {
    emulator.addFault({ path, trickleMs: 20 })
    const ended = AbortSignal.timeout(100)
    await expect(fetch(`${emulator.url}${path}`, { signal: ended }).then(response => response.text())).rejects.toThrow()
    expect((await wechat.exchange(newCode())).openid).toMatch(/^o/)
  })

  it('answers a page with HTTP 200, or with the status beside it', async () => {
    emulator.addFault({ path, html: true })
    emulator.addFault({ path, html: true, status: 504 })
    for (const status of [200, 504]) {
      const response = await call('x')
      expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/html'])
      expect(await response.text()).toMatch(/^<html>/)
    }
  })

  it('answers the right names with values of other kinds', async () => {
    const { id, openid } = emulator.createUser()
    emulator.addFault({ path, wrong: true })
    expect(await wechat.exchange(emulator.loginCode(id).code)).toEqual({ openid: 0, session_key: 0 })
    emulator.addFault({ path: '/cgi-bin/stable_token', wrong: true })
    expect(await wechat.stable()).toEqual({ access_token: 0, expires_in: 'x' })
    expect((await wechat.exchange(emulator.loginCode(id).code)).openid).toBe(openid)
  })

  it('lets WeChat do its work and loses the answer, when asked to', async () => {
    for (const bend of [{ reset: true }, { status: 502 }, { errcode: -1 }, { body: '' }, { html: true }]) {
      const code = newCode()
      emulator.addFault({ path, ...bend })
      await call(code).catch(() => undefined)
      emulator.addFault({ path, ...bend, effect: true })
      await call(code).catch(() => undefined)
      expect((await wechat.exchange(code)).errcode).toBe(40163)
    }
    expect(emulator.calls().at(-2)?.why).toBe(
      'a fault that was asked for: a page of HTML; what was lost by it: traded; the app has no Open Platform account, so no unionid',
    )
  })

  it('by chance bends some of the calls, the same ones each time', async () => {
    const run = async () => {
      emulator.reset()
      emulator.addFault({ path: '/cgi-bin/token', errcode: -1, chance: 0.3, seed: 7 })
      const errcodes = []
      for (let i = 0; i < 30; i++) errcodes.push((await wechat.legacy()).errcode ?? 0)
      return errcodes
    }
    const first = await run()
    expect(new Set(first)).toEqual(new Set([0, -1]))
    expect(await run()).toEqual(first)
  })

  it('with a delay says so in the list of calls', async () => {
    emulator.addFault({ path, delayMs: 5 })
    await call('x')
    expect(emulator.calls()).toMatchObject([
      { errcode: 40029, why: 'no such login code; a fault that was asked for: 5 ms late' },
    ])
  })
})
