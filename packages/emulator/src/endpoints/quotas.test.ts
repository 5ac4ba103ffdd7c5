import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createWechatCaller } from '../../../../test/support/wechat-caller.js'
import { type Emulator, startEmulator } from '../emulator.js'

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a' }
const other = { appid: 'wxbbbbbbbbbbbbbbbb', secret: 'secret-b' }
// Ten minutes before midnight in Beijing.
const start = new Date('2026-06-01T15:50:00Z')
const emulator: Emulator = await startEmulator({ apps: [app, other], clock: () => start })
const wechat = createWechatCaller(emulator, app)
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

const codePath = '/sns/jscode2session'
const checkPath = '/wxa/business/checkencryptedmsg'
const hash = '0'.repeat(64)
const check = async () => (await wechat.postWithToken(checkPath, { encrypted_msg_hash: hash })).errcode
const login = async (id: string) => wechat.exchange(emulator.loginCode(id).code)

describe('a quota of the day', () => {
  it('ends in 45009 until the day turns in Beijing, each app and endpoint on its own', async () => {
    emulator.setQuota({ appid: app.appid, path: checkPath, perDay: 2 })
    expect([await check(), await check(), await check(), await check()]).toEqual([1, 1, 45009, 45009])
    const elsewhere = createWechatCaller(emulator, other)
    expect((await elsewhere.postWithToken(checkPath, { encrypted_msg_hash: hash })).errcode).toBe(1)
    emulator.advanceClock(599)
    expect(await check()).toBe(45009)
    emulator.advanceClock(1)
    expect([await check(), await check(), await check()]).toEqual([1, 1, 45009])
  })

  it('refuses a login after all other checks, and leaves the code unspent', async () => {
    emulator.setQuota({ path: codePath, perDay: 1 })
    const { id } = emulator.createUser()
    const used = emulator.loginCode(id).code
    expect((await wechat.exchange(used)).openid).toMatch(/^o/)
    expect((await wechat.exchange(used)).errcode).toBe(40163)
    expect((await wechat.exchange('x')).errcode).toBe(40029)
    const { code } = emulator.loginCode(id)
    const refused = await wechat.exchange(code)
    expect(refused).toEqual({
      errcode: 45009,
      errmsg: expect.stringMatching(/^reach max api daily quota limit, rid: /),
    })
    emulator.setQuota({ path: codePath, perDay: 9 })
    expect((await wechat.exchange(code)).openid).toMatch(/^o/)
  })

  it('counts calls whose code is wrong too: whoever asks in vain uses it up', async () => {
    emulator.setQuota({ path: codePath, perDay: 2 })
    for (let i = 0; i < 2; i++) expect((await wechat.exchange('x')).errcode).toBe(40029)
    expect((await login(emulator.createUser().id)).errcode).toBe(45009)
  })
})

describe('a quota of the minute', () => {
  it('ends in 45011 until the minute is over', async () => {
    emulator.setQuota({ path: '/wxa/checksession', perMinute: 1 })
    const { id, openid } = emulator.createUser()
    const query = wechat.signed(openid, (await login(id)).session_key)
    const ask = async () => (await wechat.withToken('/wxa/checksession', query)).errcode
    expect([await ask(), await ask()]).toEqual([0, 45011])
    emulator.advanceClock(60)
    expect([await ask(), await ask()]).toEqual([0, 45011])
  })

  it('is 10 000 for stable_token, as WeChat documents', async () => {
    emulator.setQuota({ path: '/cgi-bin/token', perMinute: 3 })
    const codes = []
    for (let i = 0; i < 4; i++) codes.push((await wechat.legacy()).errcode ?? 0)
    expect(codes).toEqual([0, 0, 0, 45011])
    const { body } = await wechat.post(
      '/cgi-bin/openapi/quota/get',
      { cgi_path: '/cgi-bin/stable_token' },
      { access_token: await wechat.token() },
    )
    expect(body).toEqual({
      errcode: 0,
      errmsg: 'ok',
      quota: { daily_limit: 500_000, used: 1, remain: 499_999 },
      rate_limit: { call_count: 10_000, refresh_second: 60 },
    })
  })

  it('is answered by getpluginopenpid with its own 1003', async () => {
    emulator.setQuota({ path: '/wxa/getpluginopenpid', perMinute: 0 })
    const { code } = emulator.pluginCode(emulator.createUser().id)
    expect((await wechat.postWithToken('/wxa/getpluginopenpid', { code })).errcode).toBe(1003)
  })
})

describe('quota/get', () => {
  const look = (cgi_path: unknown) => wechat.postWithToken('/cgi-bin/openapi/quota/get', { cgi_path })

  it('tells what was used today and what remains', async () => {
    emulator.setQuota({ path: checkPath, perDay: 5, perMinute: 2 })
    await check()
    expect(await look(checkPath)).toMatchObject({
      quota: { daily_limit: 5, used: 1, remain: 4 },
      rate_limit: { call_count: 2, refresh_second: 60 },
    })
    expect((await look('/cgi-bin/token')).quota).toEqual({ daily_limit: 1e9, used: 0, remain: 1e9 })
  })

  it('does not know /sns/*, nor what is not there', async () => {
    expect((await look(codePath)).errcode).toBe(76022)
    for (const path of ['/wxa/nothing', 'wxa/checksession', 7]) expect((await look(path)).errcode).toBe(76021)
  })
})

describe('clear_quota', () => {
  const bySecret = async (body: unknown, query: Record<string, string> = {}) =>
    (await wechat.post('/cgi-bin/clear_quota/v2', body, query)).body

  it('sets the day to 0, by token or by secret, 10 times a month together', async () => {
    emulator.setQuota({ path: checkPath, perDay: 1 })
    expect([await check(), await check()]).toEqual([1, 45009])
    expect(await wechat.postWithToken('/cgi-bin/clear_quota', { appid: app.appid })).toEqual({
      errcode: 0,
      errmsg: 'ok',
    })
    expect([await check(), await check()]).toEqual([1, 45009])
    expect((await bySecret({ appid: app.appid, appsecret: app.secret })).errcode).toBe(0)
    expect(await check()).toBe(1)
    // The document's sample has the parameters in the query.
    for (let i = 0; i < 8; i++) {
      expect((await bySecret('', { appid: app.appid, appsecret: app.secret })).errcode).toBe(0)
    }
    expect(await bySecret({ appid: app.appid, appsecret: app.secret })).toEqual({
      errcode: 48006,
      errmsg: expect.stringMatching(/^forbid to clear quota because of reaching the limit rid: /),
    })
    expect((await bySecret({ appid: other.appid, appsecret: other.secret })).errcode).toBe(0)
    emulator.advanceClock(30 * 24 * 3600)
    expect((await bySecret({ appid: app.appid, appsecret: app.secret })).errcode).toBe(0)
  })

  it.each<[unknown, number]>([
    [{}, 41002],
    [{ appid: 'wx0', appsecret: 'x' }, 40013],
    [{ appid: app.appid }, 41004],
    [{ appid: app.appid, appsecret: 'x' }, 40125],
    ['[]', 47001],
  ])('by secret refuses %j', async (body, errcode) => {
    expect((await bySecret(body)).errcode).toBe(errcode)
  })

  it('by token refuses another app’s id, and both refuse GET', async () => {
    expect((await wechat.postWithToken('/cgi-bin/clear_quota', { appid: other.appid })).errcode).toBe(40013)
    expect((await wechat.withToken('/cgi-bin/clear_quota', {})).errcode).toBe(43002)
    expect((await wechat.ask('/cgi-bin/clear_quota/v2')).body.errcode).toBe(43002)
  })
})
