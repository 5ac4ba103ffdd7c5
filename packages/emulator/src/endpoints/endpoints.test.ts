import { createDecipheriv } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../emulator.js'

const appA = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a' }
const appB = { appid: 'wxbbbbbbbbbbbbbbbb', secret: 'secret-b', openPlatform: 'platform' }
const appC = { appid: 'wxcccccccccccccccc', secret: 'secret-c', openPlatform: 'platform' }

const start = new Date('2026-06-01T08:00:00Z')
const emulator: Emulator = await startEmulator({ apps: [appA, appB, appC], clock: () => start })
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

async function get(path: string, query: Record<string, string>) {
  const response = await fetch(`${emulator.url}${path}?${new URLSearchParams(query)}`)
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: JSON.parse(await response.text()),
  }
}
async function post(path: string, body: unknown, query: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${emulator.url}${path}?${new URLSearchParams(query)}`, { method: 'POST', body: text })
  return { status: response.status, body: JSON.parse(await response.text()) }
}
const exchange = (query: Record<string, string> = {}) =>
  get('/sns/jscode2session', { appid: appA.appid, secret: appA.secret, grant_type: 'authorization_code', ...query })
const stable = (more: object = {}) =>
  post('/cgi-bin/stable_token', { grant_type: 'client_credential', appid: appA.appid, secret: appA.secret, ...more })
const legacy = (app = appA) =>
  get('/cgi-bin/token', { grant_type: 'client_credential', appid: app.appid, secret: app.secret })
const phoneNumber = (token: string, body: unknown) =>
  post('/wxa/business/getuserphonenumber', body, { access_token: token })
const tokenOf = async () => String((await stable()).body.access_token)

const seconds = Math.floor(start.getTime() / 1000).toString(16)
const commaRid = new RegExp(`, rid: ${seconds}-[0-9a-f]{8}-[0-9a-f]{8}$`)
const spaceRid = new RegExp(`[^,] rid: ${seconds}-[0-9a-f]{8}-[0-9a-f]{8}$`)

describe('jscode2session', () => {
  it('trades a code as text/plain, session_key first, without errcode', async () => {
    const user = emulator.createUser()
    const answer = await exchange({ js_code: emulator.loginCode(user.id).code, access_token: 'stray' })
    expect([answer.status, answer.type]).toEqual([200, 'text/plain'])
    expect(Object.keys(answer.body)).toEqual(['session_key', 'openid'])
    expect(answer.body.session_key).toMatch(/^[A-Za-z0-9+/]{22}==$/)
    expect(answer.body.openid).toBe(user.openid)
    expect(user.openid).toMatch(/^o[\w-]{27}$/)
  })

  it('gives a unionid only to apps with an Open Platform account, the same to all of them', async () => {
    const user = emulator.createUser()
    const unionid = async (app: typeof appB) =>
      (
        await exchange({
          appid: app.appid,
          secret: app.secret,
          js_code: emulator.loginCode(user.id, { appid: app.appid }).code,
        })
      ).body.unionid
    expect(await unionid(appB)).toMatch(/^[\w-]{28}$/)
    expect(await unionid(appC)).toBe(await unionid(appB))
    expect((await exchange({ js_code: emulator.loginCode(user.id).code })).body).not.toHaveProperty('unionid')
  })

  it('mints codes of 32 letters and digits that begin with 0, several at once, each for one use and 5 minutes', async () => {
    const user = emulator.createUser()
    const codes = [1, 2, 3].map(() => emulator.loginCode(user.id).code)
    for (const code of codes) expect(code).toMatch(/^0[0-9A-Za-z]{31}$/)
    const [first = '', second = '', third = ''] = codes
    expect((await exchange({ js_code: second })).body.openid).toBe(user.openid)
    expect((await exchange({ js_code: second })).body).toEqual({
      errcode: 40163,
      errmsg: expect.stringMatching(/^code been used, rid/),
    })
    emulator.advanceClock(300)
    expect((await exchange({ js_code: first })).body.openid).toBe(user.openid)
    emulator.advanceClock(1)
    expect((await exchange({ js_code: third })).body.errcode).toBe(40029)
  })

  it.each<[string, Record<string, string>, number]>([
    ['no appid', { appid: '' }, 41002],
    ['an unknown appid, before everything else', { appid: 'wx0', secret: '', grant_type: 'x' }, 40013],
    ['no secret', { secret: '' }, 41004],
    ['another secret', { secret: 'x' }, 40125],
    ['no code', { js_code: '' }, 41008],
    ['another grant type', { js_code: 'x', grant_type: 'x' }, 40002],
    ['an unknown code', { js_code: 'x' }, 40029],
    ['a mock code', { js_code: 'the code is a mock one' }, 40029],
  ])('with %s answers HTTP 200 and the errcode with its rid', async (_title, query, errcode) => {
    const answer = await exchange(query)
    expect([answer.status, answer.body.errcode]).toEqual([200, errcode])
    expect(answer.body.errmsg).toMatch(commaRid)
  })

  it('does not know a code of another app, nor a phone code', async () => {
    const user = emulator.createUser({ phone: '13800000000' })
    expect((await exchange({ js_code: emulator.loginCode(user.id, { appid: appB.appid }).code })).body.errcode).toBe(
      40029,
    )
    expect((await exchange({ js_code: emulator.phoneCode(user.id).code })).body.errcode).toBe(40029)
  })
})

describe('the two families of access tokens', () => {
  it('/token gives a new one each time; the former lives 5 more minutes', async () => {
    const user = emulator.createUser({ phone: '13800000000' })
    const first = (await legacy()).body
    expect(first).toEqual({ access_token: expect.stringMatching(/^\d\d_[\w-]{120,}$/), expires_in: 7200 })
    const second = (await legacy()).body
    expect(second.access_token).not.toBe(first.access_token)
    const trade = (token: string) => phoneNumber(token, { code: emulator.phoneCode(user.id).code })
    expect((await trade(first.access_token)).body.errcode).toBe(0)
    emulator.advanceClock(300)
    const superseded = (await trade(first.access_token)).body
    expect(superseded.errcode).toBe(40001)
    expect(superseded.errmsg).toMatch(/^invalid credential, access_token is invalid or not latest, .+ rid: /)
    expect((await trade(second.access_token)).body.errcode).toBe(0)
  })

  it('stable_token gives the same one with what is left of it, and a new one inside the last 300 s', async () => {
    const user = emulator.createUser({ phone: '13800000000' })
    const first = (await stable()).body
    emulator.advanceClock(6855)
    expect((await stable()).body).toEqual({ access_token: first.access_token, expires_in: 345 })
    emulator.advanceClock(45)
    const second = (await stable()).body
    expect(second).toEqual({ access_token: expect.not.stringMatching(first.access_token), expires_in: 7200 })
    // Both work for the rest of the hand-over.
    const trade = (token: string) => phoneNumber(token, { code: emulator.phoneCode(user.id).code })
    expect((await trade(first.access_token)).body.errcode).toBe(0)
    emulator.advanceClock(300)
    expect((await trade(first.access_token)).body).toEqual({
      errcode: 42001,
      errmsg: expect.stringMatching(/^access_token expired rid: /),
    })
    expect((await trade(second.access_token)).body.errcode).toBe(0)
  })

  it('force_refresh voids the former at once, at most every 30 s and 20 times a day', async () => {
    const first = (await stable()).body.access_token
    const forced = (await stable({ force_refresh: true })).body.access_token
    expect(forced).not.toBe(first)
    expect((await phoneNumber(first, {})).body.errcode).toBe(40001)
    emulator.advanceClock(29)
    expect((await stable({ force_refresh: true })).body.access_token).toBe(forced)
    const seen = new Set<string>([forced])
    for (let i = 0; i < 30; i++) {
      emulator.advanceClock(31)
      seen.add((await stable({ force_refresh: true })).body.access_token)
    }
    expect(seen.size).toBe(20)
  })

  it('do not touch each other', async () => {
    const fromStable = await tokenOf()
    await legacy()
    await legacy()
    emulator.advanceClock(301)
    expect((await phoneNumber(fromStable, { code: 'x' })).body.errcode).toBe(40029)
  })

  it('are refused with the errcodes of the sheet, the appid before the grant type', async () => {
    expect((await get('/cgi-bin/token', { appid: 'wx0' })).body).toEqual({
      errcode: 40013,
      errmsg: expect.stringMatching(spaceRid),
    })
    expect((await get('/cgi-bin/token', { appid: appA.appid, secret: 'x' })).body.errcode).toBe(40125)
    expect((await get('/cgi-bin/token', { appid: appA.appid, secret: appA.secret })).body.errcode).toBe(40002)
    expect((await get('/cgi-bin/stable_token', {})).body.errcode).toBe(43002)
    expect((await post('/cgi-bin/stable_token', '')).body.errcode).toBe(44002)
    expect((await post('/cgi-bin/stable_token', 'appid=x')).body.errcode).toBe(47001)
    expect((await stable({ appid: undefined })).body.errcode).toBe(41002)
    expect((await stable({ secret: undefined })).body.errcode).toBe(41004)
  })
})

describe('getuserphonenumber', () => {
  it('trades a code of 64 hex digits for the number', async () => {
    const user = emulator.createUser({ phone: '13580006666' })
    const { code } = emulator.phoneCode(user.id)
    expect(code).toMatch(/^[0-9a-f]{64}$/)
    expect((await phoneNumber(await tokenOf(), { code })).body).toEqual({
      errcode: 0,
      errmsg: 'ok',
      phone_info: {
        phoneNumber: '13580006666',
        purePhoneNumber: '13580006666',
        countryCode: '86',
        watermark: { timestamp: start.getTime() / 1000, appid: appA.appid },
      },
    })
  })

  it.each([
    ['+14155550100', '1', '4155550100'],
    ['+85291234567', '852', '91234567'],
    ['+6591234567', '65', '91234567'],
    ['+79161234567', '7', '9161234567'],
  ])('tells the country code of the foreign %s', async (phone, countryCode, purePhoneNumber) => {
    const user = emulator.createUser({ phone })
    const { code } = emulator.phoneCode(user.id)
    expect((await phoneNumber(await tokenOf(), { code })).body.phone_info).toMatchObject({
      phoneNumber: phone,
      purePhoneNumber,
      countryCode,
    })
  })

  it('is refused for codes that are used, old, unknown, of wx.login, with a hint and a rid', async () => {
    const user = emulator.createUser({ phone: '13580006666' })
    const token = await tokenOf()
    const used = emulator.phoneCode(user.id).code
    await phoneNumber(token, { code: used })
    const old = emulator.phoneCode(user.id).code
    const login = emulator.loginCode(user.id).code
    emulator.advanceClock(301)
    for (const code of [used, old, login, 'x', '', 7]) {
      const { body } = await phoneNumber(token, { code })
      expect(body.errcode).toBe(40029)
      expect(body.errmsg).toMatch(/^invalid code hint: \[[\w-]{11}\] rid: /)
    }
  })

  it('is refused with the errcodes of the sheet', async () => {
    const user = emulator.createUser({ phone: '13580006666' })
    const token = await tokenOf()
    expect((await post('/wxa/business/getuserphonenumber', { code: 'x', access_token: token })).body.errcode).toBe(
      41001,
    )
    expect((await phoneNumber('x', { code: 'x' })).body.errcode).toBe(40001)
    expect((await phoneNumber(token, '')).body.errcode).toBe(44002)
    expect((await phoneNumber(token, 'code=x')).body).toEqual({
      errcode: 47001,
      errmsg: expect.stringMatching(/^data format error hint: \[/),
    })
    expect(
      (await phoneNumber(token, { code: emulator.phoneCode(user.id, { appid: appB.appid }).code })).body.errcode,
    ).toBe(40013)
  })

  it('checks the openid when it is sent, and leaves the code unspent', async () => {
    const user = emulator.createUser({ phone: '13580006666' })
    const token = await tokenOf()
    const { code } = emulator.phoneCode(user.id)
    expect((await phoneNumber(token, { code, openid: emulator.createUser().openid })).body.errcode).toBe(40003)
    expect((await phoneNumber(token, { code, openid: user.openid })).body.errcode).toBe(0)
  })
})

describe('the phone button', () => {
  it('hands out encrypted data too, under the session key', async () => {
    const user = emulator.createUser({ phone: '13580006666' })
    const { session_key: key } = (await exchange({ js_code: emulator.loginCode(user.id).code })).body
    const { encryptedData, iv } = emulator.phoneCode(user.id)
    const decipher = createDecipheriv('aes-128-cbc', Buffer.from(key, 'base64'), Buffer.from(iv, 'base64'))
    const plain = Buffer.concat([decipher.update(Buffer.from(encryptedData, 'base64')), decipher.final()]).toString()
    expect(JSON.parse(plain)).toMatchObject({ purePhoneNumber: '13580006666', watermark: { appid: appA.appid } })
  })

  it('is billed at the tap, whether or not the code is used, and ends at the quota', () => {
    emulator.addApp({ appid: 'wxd', secret: 's', phoneQuota: 2 })
    const user = emulator.createUser({ phone: '13580006666' })
    emulator.phoneCode(user.id, { appid: 'wxd' })
    emulator.phoneCode(user.id, { appid: 'wxd' })
    expect(emulator.stats()).toMatchObject({ phoneCallsBilled: 2, yuan: 0.06 })
    expect(() => emulator.phoneCode(user.id, { appid: 'wxd' })).toThrow(
      expect.objectContaining({ code: 'PHONE_REFUSED', errno: 1400001 }),
    )
    expect(emulator.stats().phoneCallsBilled).toBe(2)
  })

  it('allows 1000 taps by default', () => {
    const user = emulator.createUser({ phone: '13580006666' })
    for (let i = 0; i < 1000; i++) emulator.phoneCode(user.id)
    expect(() => emulator.phoneCode(user.id)).toThrow(expect.objectContaining({ errno: 1400001 }))
  })

  it('is not permitted in the app of a person, nor possible without a phone; nothing is billed', () => {
    emulator.addApp({ appid: 'wxp', secret: 's', personal: true })
    const user = emulator.createUser({ phone: '13580006666' })
    expect(() => emulator.phoneCode(user.id, { appid: 'wxp' })).toThrow(
      expect.objectContaining({ errMsg: 'getPhoneNumber:fail no permission' }),
    )
    expect(() => emulator.phoneCode(emulator.createUser().id)).toThrow(
      expect.objectContaining({ errMsg: expect.stringContaining('getPhoneNumber:fail') }),
    )
    expect(emulator.stats().phoneCallsBilled).toBe(0)
  })
})

describe('faults', () => {
  it('bend one call and no more', async () => {
    const user = emulator.createUser()
    emulator.addFault({ path: '/sns/jscode2session', errcode: 45011 })
    const code = emulator.loginCode(user.id).code
    expect((await exchange({ js_code: code })).body).toEqual({
      errcode: 45011,
      errmsg: expect.stringMatching(/^api minute-quota reach limit/),
    })
    expect((await exchange({ js_code: code })).body.openid).toBe(user.openid)
  })

  it('bend exactly n of parallel calls', async () => {
    emulator.addFault({ path: '/cgi-bin/stable_token', times: 7, errcode: -1 })
    const answers = await Promise.all(Array.from({ length: 20 }, () => stable()))
    expect(answers.filter(answer => answer.body.errcode === -1)).toHaveLength(7)
    expect(emulator.stats().calls['/cgi-bin/stable_token']).toEqual({ '-1': 7, '0': 13 })
  })

  it('answer a status, a body, late, or cut the connection', async () => {
    const call = () => fetch(`${emulator.url}/cgi-bin/token`)
    emulator.addFault({ path: '/cgi-bin/token', status: 502 })
    const page = await call()
    expect([page.status, await page.text()]).toEqual([502, expect.stringContaining('<html>')])
    emulator.addFault({ path: '/cgi-bin/token', body: '{"access_tok' })
    expect(await (await call()).text()).toBe('{"access_tok')
    emulator.addFault({ path: '/cgi-bin/token', delayMs: 80 })
    const before = performance.now()
    expect(await (await call()).json()).toMatchObject({ errcode: 41002 })
    expect(performance.now() - before).toBeGreaterThan(75)
    emulator.addFault({ path: '/cgi-bin/token', reset: true })
    await expect(call()).rejects.toThrow()
    expect((await call()).status).toBe(200)
  })

  it('do not spend the code of the call they bend, unless it only comes late', async () => {
    const user = emulator.createUser()
    const code = emulator.loginCode(user.id).code
    emulator.addFault({ path: '/sns/jscode2session', body: 'x' })
    await fetch(`${emulator.url}/sns/jscode2session`)
    emulator.addFault({ path: '/sns/jscode2session', delayMs: 10 })
    expect((await exchange({ js_code: code })).body.openid).toBe(user.openid)
    expect((await exchange({ js_code: code })).body.errcode).toBe(40163)
  })
})
