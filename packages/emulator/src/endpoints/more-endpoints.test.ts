import { createHash } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createWechatCaller } from '../../../../test/support/wechat-caller.js'
import { type Emulator, startEmulator } from '../emulator.js'

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a', openPlatform: 'platform' }
const other = { appid: 'wxbbbbbbbbbbbbbbbb', secret: 'secret-b' }
const start = new Date('2026-06-01T08:00:00Z')
const emulator: Emulator = await startEmulator({ apps: [app, other], clock: () => start })
const wechat = createWechatCaller(emulator, app)
const elsewhere = createWechatCaller(emulator, other)
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

describe('getpaidunionid', () => {
  const path = '/wxa/getpaidunionid'

  it('tells the unionid for 5 minutes after a payment, by either number', async () => {
    const user = emulator.createUser()
    const { transactionId, mchId, outTradeNo } = emulator.pay(user.id)
    const paid = { unionid: user.unionid, errcode: 0, errmsg: 'ok' }
    const ask = (query: Record<string, string>) => wechat.withToken(path, { openid: user.openid, ...query })
    expect(await ask({ transaction_id: transactionId })).toEqual(paid)
    emulator.advanceClock(300)
    expect(await ask({ mch_id: mchId, out_trade_no: outTradeNo })).toEqual(paid)
    emulator.advanceClock(1)
    expect((await ask({ transaction_id: transactionId })).errcode).toBe(89300)
  })

  it('is refused to another person, for another order, and without an Open Platform account', async () => {
    const [user, stranger] = [emulator.createUser(), emulator.createUser()]
    const { transactionId } = emulator.pay(user.id, { transactionId: '4200001' })
    const ask = (openid: string, id: string) => wechat.withToken(path, { openid, transaction_id: id })
    expect((await ask(stranger.openid, transactionId)).errcode).toBe(89300)
    expect((await ask(user.openid, 'x')).errcode).toBe(89300)
    expect((await ask('oNobody', transactionId)).errcode).toBe(40003)
    const unbound = { openid: user.openids[other.appid] ?? '', transaction_id: transactionId }
    expect((await elsewhere.withToken(path, unbound)).errcode).toBe(89002)
  })
})

describe('getpluginopenpid', () => {
  const trade = (body: unknown, caller = wechat) => caller.postWithToken('/wxa/getpluginopenpid', body)

  it('trades a code once, within 5 minutes, for an id that is no openid', async () => {
    const user = emulator.createUser()
    const { code } = emulator.pluginCode(user.id)
    expect(code).toMatch(/^[0-9a-f]{64}$/)
    const answer = await trade({ code })
    expect(answer).toEqual({ errcode: 0, errmsg: 'ok', openpid: expect.stringMatching(/^[\w-]{28}$/) })
    expect(answer.openpid).not.toBe(user.openid)
    expect((await trade({ code })).errcode).toBe(1007)
    const second = emulator.pluginCode(user.id).code
    expect((await trade({ code: second })).openpid).toBe(answer.openpid)
    const old = emulator.pluginCode(user.id).code
    emulator.advanceClock(301)
    expect((await trade({ code: old })).errcode).toBe(1007)
  })

  it('has errcodes of its own', async () => {
    const { code } = emulator.pluginCode(emulator.createUser().id)
    expect((await trade({ code }, elsewhere)).errcode).toBe(1005)
    expect((await trade({})).errcode).toBe(1001)
    expect((await trade('')).errcode).toBe(1001)
    expect((await trade('code=x')).errcode).toBe(1022)
  })
})

describe('checkencryptedmsg', () => {
  const check = (data: string, caller = wechat) =>
    caller.postWithToken('/wxa/business/checkencryptedmsg', {
      encrypted_msg_hash: createHash('sha256').update(data).digest('hex'),
    })

  it('knows what the phone button encrypted, for 3 days, in its own app', async () => {
    const { encryptedData } = emulator.phoneCode(emulator.createUser({ phone: '13800000000' }).id)
    const known = { errcode: 0, errmsg: 'ok', vaild: true, create_time: start.getTime() / 1000 }
    expect(await check(encryptedData)).toEqual(known)
    expect((await check(encryptedData, elsewhere)).errcode).toBe(1)
    expect((await check('made up')).errcode).toBe(1)
    emulator.advanceClock(3 * 24 * 3600)
    expect(await check(encryptedData)).toEqual(known)
    emulator.advanceClock(1)
    expect((await check(encryptedData)).errcode).toBe(1)
  })

  it('takes 64 hex digits only', async () => {
    const answer = await wechat.postWithToken('/wxa/business/checkencryptedmsg', { encrypted_msg_hash: 'x' })
    expect(answer.errcode).toBe(40097)
  })
})

describe('getuserriskrank', () => {
  const ask = (body: object, caller = wechat) =>
    caller.postWithToken('/wxa/getuserriskrank', { appid: app.appid, scene: 0, client_ip: '127.0.0.1', ...body })

  it('tells what the virtual user was given', async () => {
    const user = emulator.createUser({ riskRank: 3 })
    emulator.loginCode(user.id)
    expect(await ask({ openid: user.openid })).toEqual({
      errcode: 0,
      errmsg: 'getuserriskrank succ',
      unoin_id: expect.any(Number),
      risk_rank: 3,
    })
    emulator.changeUser(user.id, { riskRank: 0 })
    expect((await ask({ openid: user.openid })).risk_rank).toBe(0)
  })

  it('asks for a visit in the last 30 minutes, the right app, and its parameters', async () => {
    const user = emulator.createUser()
    expect((await ask({ openid: user.openid })).errcode).toBe(61010)
    emulator.loginCode(user.id)
    emulator.advanceClock(1801)
    expect((await ask({ openid: user.openid })).errcode).toBe(61010)
    expect((await ask({ openid: user.openids[other.appid] })).errcode).toBe(43104)
    expect((await ask({ openid: user.openid, appid: other.appid })).errcode).toBe(43104)
    expect((await ask({ openid: 'oNobody' })).errcode).toBe(40003)
    expect((await ask({ openid: user.openid, scene: 2 })).errcode).toBe(40097)
    expect((await ask({ openid: user.openid, client_ip: undefined })).errcode).toBe(40097)
  })
})

describe('the look-up of a rid', () => {
  const ridOf = ({ errmsg }: { errmsg: string }) => errmsg.slice(-26)
  const look = (rid: string, caller = wechat) => caller.postWithToken('/cgi-bin/openapi/rid/get', { rid })

  it('tells what a refused call was, its secrets cut short', async () => {
    const token = await wechat.token()
    const refused = (await wechat.post('/wxa/business/getuserphonenumber', { code: 'x' }, { access_token: token })).body
    expect(await look(ridOf(refused))).toEqual({
      errcode: 0,
      errmsg: 'ok',
      request: {
        invoke_time: start.getTime() / 1000,
        cost_in_ms: expect.any(Number),
        request_url: `access_token=${token.slice(0, 12)}xxxx`,
        request_body: '{"code":"x"}',
        response_body: JSON.stringify(refused),
        client_ip: '127.0.0.1',
      },
    })
  })

  it('is for 7 days, for the own app, and not for /sns/*', async () => {
    const rid = ridOf(await wechat.postWithToken('/wxa/getpluginopenpid', {}))
    expect((await look(rid, elsewhere)).errcode).toBe(76001)
    expect((await look('00000000-00000000-00000000')).errcode).toBe(76001)
    expect((await look(ridOf(await wechat.exchange('x')))).errcode).toBe(76022)
    emulator.advanceClock(7 * 24 * 3600)
    expect((await look(rid)).errcode).toBe(0)
    emulator.advanceClock(1)
    expect((await look(rid)).errcode).toBe(76001)
  })
})

describe('the tokens', () => {
  it('are told with the causes of their fetches', async () => {
    await wechat.legacy()
    await wechat.legacy()
    await wechat.stable()
    await wechat.stable()
    await wechat.stable({ force_refresh: true })
    await wechat.stable({ force_refresh: true })
    emulator.advanceClock(7000)
    await wechat.stable()
    expect(emulator.stats().tokens).toEqual({
      legacy: { first: 1, replaced: 1 },
      stable: { first: 1, same: 1, forced: 1, forceIgnored: 1, renewed: 1 },
    })
  })

  it('are void at once, old and new one, after a force_refresh in the hand-over', async () => {
    const first = (await wechat.stable()).access_token
    emulator.advanceClock(6900)
    const second = (await wechat.stable()).access_token
    const third = (await wechat.stable({ force_refresh: true })).access_token
    const errcodes = []
    for (const token of [first, second, third]) errcodes.push((await wechat.phoneNumber({ code: 'x' }, token)).errcode)
    expect(errcodes).toEqual([40001, 40001, 40029])
  })

  it('may be forced 20 times up to Beijing’s midnight, and then again', async () => {
    const tokens = new Set<string>()
    for (let i = 0; i < 30; i++) {
      tokens.add((await wechat.stable({ force_refresh: true })).access_token)
      emulator.advanceClock(30)
    }
    expect(tokens.size).toBe(20)
    emulator.advanceClock(8 * 3600)
    const cause = async () => {
      const before = emulator.stats().tokens.stable.forced ?? 0
      await wechat.stable()
      await wechat.stable({ force_refresh: true })
      return (emulator.stats().tokens.stable.forced ?? 0) - before
    }
    expect(await cause()).toBe(1)
  })

  it('are voided on request, one family or both', async () => {
    const [legacy, stable] = [(await wechat.legacy()).access_token, (await wechat.stable()).access_token]
    emulator.voidTokens({ family: 'legacy' })
    expect((await wechat.phoneNumber({ code: 'x' }, legacy)).errcode).toBe(40001)
    expect((await wechat.phoneNumber({ code: 'x' }, stable)).errcode).toBe(40029)
    emulator.voidTokens()
    expect((await wechat.phoneNumber({ code: 'x' }, stable)).errcode).toBe(40001)
    expect((await wechat.stable()).access_token).not.toBe(stable)
  })

  it('are given to addresses on the list only, when there is one', async () => {
    emulator.addApp({ ...app, allowedIps: ['10.0.0.1'] })
    const text = /^invalid ip 127\.0\.0\.1 ipv6 ::ffff:127\.0\.0\.1, not in whitelist rid: /
    const refused = { errcode: 40164, errmsg: expect.stringMatching(text) }
    expect([await wechat.legacy(), await wechat.stable()]).toEqual([refused, refused])
    emulator.addApp({ ...app, allowedIps: ['127.0.0.1'] })
    expect((await wechat.stable()).expires_in).toBe(7200)
  })
})

describe('a user who is flagged', () => {
  it('is refused with 40226 and a code that stays unspent', async () => {
    const { id } = emulator.createUser({ blocked: true })
    const { code } = emulator.loginCode(id)
    expect(await wechat.exchange(code)).toEqual({
      errcode: 40226,
      errmsg: expect.stringMatching(/^code blocked, rid: /),
    })
    emulator.changeUser(id, { blocked: false })
    expect((await wechat.exchange(code)).openid).toMatch(/^o/)
  })
})

describe('a user with several numbers', () => {
  const numberOf = async (code: string) => (await wechat.phoneNumber({ code })).phone_info?.phoneNumber

  it('gives the current one, or the one that is chosen at the tap; the code keeps it', async () => {
    const { id, phone, phones } = emulator.createUser({ phones: ['13800000001', '+14155550100', '13800000001'] })
    expect([phone, phones]).toEqual(['+8613800000001', ['+8613800000001', '+14155550100']])
    const [first, second] = [emulator.phoneCode(id).code, emulator.phoneCode(id, { phone: '+14155550100' }).code]
    emulator.changeUser(id, { phone: '13900000002' })
    expect(await numberOf(first)).toBe('13800000001')
    expect(await numberOf(second)).toBe('+14155550100')
    expect(await numberOf(emulator.phoneCode(id).code)).toBe('13900000002')
    expect(emulator.users()[0]?.phones).toHaveLength(3)
    expect(() => emulator.phoneCode(id, { phone: '13700000000' })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    )
    expect(emulator.changeUser(id, { phone: null })).toMatchObject({ phone: null, phones: [] })
    expect(emulator.changeUser(id, { phones: ['13600000001', '13600000002'] }).phone).toBe('+8613600000001')
    expect(emulator.changeUser(id, { phones: ['13600000002'] }).phone).toBe('+8613600000002')
  })
})

describe('what the buttons cost', () => {
  it('is 0.03 and 0.04 yuan; owed is what is beyond the 1000 free taps of both kinds in each app', async () => {
    emulator.addApp({ ...app, phoneQuota: 2000 })
    const { id } = emulator.createUser({ phone: '13800000000' })
    for (let i = 0; i < 999; i++) emulator.phoneCode(id)
    expect(emulator.realtimePhoneCode(id)).toEqual({ code: expect.stringMatching(/^[0-9a-f]{64}$/) })
    emulator.phoneCode(id, { appid: other.appid })
    expect(emulator.stats()).toMatchObject({ phoneCallsBilled: 1001, yuan: 30.04, yuanOwed: 0 })
    emulator.realtimePhoneCode(id)
    emulator.phoneCode(id)
    expect(emulator.stats()).toMatchObject({ phoneTaps: { quick: 1001, realtime: 2 }, yuan: 30.11, yuanOwed: 0.07 })
  })
})

describe('a button that gives nothing', () => {
  const eventOf = (tap: () => unknown) => {
    try {
      return tap()
    } catch (error) {
      const { errMsg, errno } = error as { errMsg?: string; errno?: number }
      return [errMsg, errno]
    }
  }

  it.each<[object, string, number | undefined]>([
    [{ personal: true }, 'no permission', undefined],
    [{ verified: false }, 'no permission', undefined],
    [{ phoneBanned: true }, 'appid privacy api banned', 1025],
    [{ phoneDeclared: false }, 'api scope is not declared in the privacy agreement', 112],
    [{ phoneQuota: 0 }, 'quota exceeded', 1400001],
  ])('of an app with %j says so', (more, text, errno) => {
    emulator.addApp({ ...app, ...more })
    const { id } = emulator.createUser({ phone: '13800000000' })
    expect(eventOf(() => emulator.phoneCode(id))).toEqual([`getPhoneNumber:fail ${text}`, errno])
    expect(eventOf(() => emulator.realtimePhoneCode(id))).toEqual([`getRealtimePhoneNumber:fail ${text}`, errno])
    expect(emulator.stats().phoneCallsBilled).toBe(0)
  })

  it('says so for a user who must verify the number, or is blocked', () => {
    const { id } = emulator.createUser({ phone: '13800000000', needsSms: true })
    expect(eventOf(() => emulator.phoneCode(id))).toEqual([
      expect.stringMatching(/needs to be verified.+SMS/),
      undefined,
    ])
    emulator.changeUser(id, { phoneBlocked: true })
    expect(eventOf(() => emulator.phoneCode(id))).toEqual([expect.stringMatching(/^getPhoneNumber:fail/), 1421102])
  })

  it('says so for wx.login of a blocked app', () => {
    emulator.addApp({ ...app, loginBlocked: true })
    const { id } = emulator.createUser()
    expect(eventOf(() => emulator.loginCode(id))).toEqual([expect.stringMatching(/^login:fail/), 1402101])
  })
})
