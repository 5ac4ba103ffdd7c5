import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type System, startSystem } from './support/system.js'

const code2Session = '/sns/jscode2session'
const phonePath = '/wxa/business/getuserphonenumber'
const tokenPath = '/cgi-bin/stable_token'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

const calls = (path: string) => Object.values(system.emulator.stats().calls[path] ?? {}).reduce((a, b) => a + b, 0)

describe('WeChat saying no to a login code', () => {
  it.each([
    [-1, 502, 'WECHAT_UNAVAILABLE'],
    [40029, 400, 'WECHAT_CODE_INVALID'],
    [40163, 400, 'WECHAT_CODE_USED'],
    [40226, 403, 'WECHAT_USER_BLOCKED'],
    [45009, 429, 'WECHAT_RATE_LIMITED'],
    [45011, 429, 'WECHAT_RATE_LIMITED'],
    [40013, 500, 'WECHAT_CONFIG'],
    [40125, 500, 'WECHAT_CONFIG'],
    [40164, 500, 'WECHAT_CONFIG'],
    [40243, 500, 'WECHAT_CONFIG'],
    [48001, 500, 'WECHAT_CONFIG'],
    [50004, 500, 'WECHAT_CONFIG'],
    [50007, 500, 'WECHAT_CONFIG'],
    [85107, 500, 'WECHAT_CONFIG'],
    [89501, 500, 'WECHAT_CONFIG'],
    [99999, 502, 'WECHAT_UNAVAILABLE'],
  ])('with %i is answered %i %s', async (errcode, status, code) => {
    system.emulator.addFault({ path: code2Session, times: 10, errcode })
    const lin = system.person()
    const answer = await lin.login()
    expect([answer.status, answer.body.code]).toEqual([status, code])
    if (status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    system.emulator.reset()
    // A quota that is used up comes back with the next day.
    if (errcode === 45009) system.advance({ days: 1 })
    // The next login succeeds.
    expect((await system.person().login()).status).toBe(200)
  })
})

describe('a quota that is used up', () => {
  it('is not asked again that day, but for one call in ten minutes', async () => {
    const fresh = await startSystem()
    const asked = () => Object.values(fresh.emulator.stats().calls[code2Session] ?? {}).reduce((a, b) => a + b, 0)
    try {
      // 20:00 in China.
      fresh.advance({ minutes: 12 * 60 })
      fresh.emulator.addFault({ path: code2Session, times: 1000, errcode: 45009 })
      for (let minute = 0; minute < 3 * 60; minute++) {
        fresh.advance({ minutes: 1 })
        const answer = await fresh.person().login()
        expect([answer.status, answer.body.code]).toEqual([429, 'WECHAT_RATE_LIMITED'])
      }
      expect(asked()).toBe(18)
      fresh.emulator.reset()
      fresh.advance({ minutes: 60 })
      expect((await fresh.person().login()).status).toBe(200)
    } finally {
      await fresh.close()
    }
  })
})

describe('WeChat saying no to a phone code', () => {
  it.each([
    [40029, 400, 'PHONE_CODE_INVALID'],
    [40013, 400, 'PHONE_CODE_INVALID'],
    [40003, 400, 'PHONE_CODE_NOT_YOURS'],
    [45011, 429, 'WECHAT_RATE_LIMITED'],
    [45009, 429, 'WECHAT_RATE_LIMITED'],
    [-1, 502, 'WECHAT_UNAVAILABLE'],
    [48001, 500, 'WECHAT_CONFIG'],
    [40234, 500, 'WECHAT_CONFIG'],
    [40238, 500, 'WECHAT_CONFIG'],
    [40240, 500, 'WECHAT_CONFIG'],
    [40001, 502, 'WECHAT_UNAVAILABLE'],
  ])('with %i is answered %i %s', async (errcode, status, code) => {
    system.emulator.addFault({ path: phonePath, times: 10, errcode })
    const answer = await system.person('13500000001').loginByPhone()
    expect([answer.status, answer.body.code]).toEqual([status, code])
    system.emulator.reset()
    if (errcode === 45009) system.advance({ days: 1 })
    expect((await system.person('13500000001').loginByPhone()).status).toBe(200)
  })

  it.each([
    40164, 40125, 50004, 45009,
  ])('the access token being refused with %i fails the phone login in time, and not the openid login', async errcode => {
    const fresh = await startSystem()
    try {
      fresh.emulator.addFault({ path: tokenPath, times: 10, errcode })
      const answer = await fresh.person('13500000002').loginByPhone()
      expect([answer.status, answer.body.code]).toEqual(
        errcode === 45009 ? [429, 'WECHAT_RATE_LIMITED'] : [500, 'WECHAT_CONFIG'],
      )
      expect((await fresh.person().login()).status).toBe(200)
    } finally {
      await fresh.close()
    }
  })

  it.each([
    40001, 40014, 42001,
  ])('an access token that dies with %i is replaced, once, and nobody notices', async errcode => {
    const lin = system.person('13500000003')
    await lin.loginByPhone()
    system.emulator.addFault({ path: phonePath, times: 1, errcode })
    const before = calls(phonePath)
    expect((await lin.loginByPhone()).status).toBe(200)
    expect(calls(phonePath) - before).toBe(2)
  })
})

describe('WeChat that cannot be understood', () => {
  it.each([
    ['an HTML page', { body: '<html><body>502 Bad Gateway</body></html>' }],
    ['half a body', { body: '{"session_key":"tiihtNczf5v6AKRyjwEUhQ==","ope' }],
    ['an empty body', { body: '' }],
    ['a body of another shape', { body: '{"ok":true}' }],
    ['a list', { body: '[]' }],
    ['502', { status: 502 }],
    ['a cut connection', { reset: true }],
  ])('%s is WECHAT_UNAVAILABLE, without the code being sent again', async (_title, fault) => {
    system.emulator.addFault({ path: code2Session, times: 1, ...fault })
    const before = calls(code2Session)
    const answer = await system.person().login()
    expect([answer.status, answer.body.code]).toEqual([502, 'WECHAT_UNAVAILABLE'])
    expect(calls(code2Session) - before).toBe(1)
  })

  it('no answer for 10 s is given up after 3', { timeout: 15_000 }, async () => {
    system.emulator.addFault({ path: code2Session, times: 1, delayMs: 10_000 })
    const started = performance.now()
    const answer = await system.person().login()
    const seconds = (performance.now() - started) / 1000
    expect([answer.status, answer.body.code]).toEqual([502, 'WECHAT_UNAVAILABLE'])
    expect(seconds).toBeGreaterThan(2.5)
    expect(seconds).toBeLessThan(5)
  })

  it('-1 once is not noticed: the code is sent again', async () => {
    system.emulator.addFault({ path: code2Session, times: 1, errcode: -1 })
    expect((await system.person().login()).status).toBe(200)
  })

  it('every call slow: a phone login ends within its 8 seconds', { timeout: 20_000 }, async () => {
    const slow = await startSystem()
    try {
      for (const path of [code2Session, tokenPath, phonePath])
        slow.emulator.addFault({ path, times: 10, delayMs: 2800 })
      const started = performance.now()
      await slow.person('13500000004').loginByPhone()
      expect((performance.now() - started) / 1000).toBeLessThan(9)
    } finally {
      await slow.close()
    }
  })

  it('nothing listening there is WECHAT_UNAVAILABLE', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => probe.once('listening', resolve))
    const { port } = probe.address() as AddressInfo
    await new Promise(resolve => probe.close(resolve))
    const alone = await startSystem({ wechatBase: `http://127.0.0.1:${port}` })
    try {
      const answer = await alone.person().login()
      expect([answer.status, answer.body.code]).toEqual([502, 'WECHAT_UNAVAILABLE'])
    } finally {
      await alone.close()
    }
  })
})

describe('the two calls of a phone login that do not need each other', () => {
  it('run side by side', async () => {
    let inFlight = 0
    let most = 0
    const counting: typeof fetch = async (...request) => {
      most = Math.max(most, ++inFlight)
      try {
        return await fetch(...request)
      } finally {
        inFlight--
      }
    }
    const fresh = await startSystem({ fetch: counting })
    try {
      for (const path of [code2Session, tokenPath]) fresh.emulator.addFault({ path, times: 1, delayMs: 100 })
      expect((await fresh.person('13500000005').loginByPhone()).status).toBe(200)
      expect(most).toBe(2)
    } finally {
      await fresh.close()
    }
  })
})
