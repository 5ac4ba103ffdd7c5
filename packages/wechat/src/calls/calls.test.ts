import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encryptedDataSample } from '../../../../test/support/wechat-samples.js'
import { createWechat, type Wechat } from '../client.js'
import { isWechatError } from '../errors.js'
import type { WechatCall } from '../options.js'
import { paths } from '../paths.js'
import { hashEncryptedData } from './encrypted-data.js'
import type { RiskInput } from './risk.js'
import { signSessionKey } from './session-key.js'
import type { PaidOrder } from './unionid.js'

const appid = 'wx1111111111111111'
const secret = '0123456789abcdef0123456789abcdef'
const token = `69_${'TokenToken-'.repeat(12)}`
const openid = 'oOpenidOpenidOpenidOpenidOpe'
const sessionKey = 'tiihtNczf5v6AKRyjwEUhQ=='
const ok = { errcode: 0, errmsg: 'ok' }

type Answer = object | string | undefined

/** WeChat with one answer for everything but tokens; `undefined` cuts the connection. */
let answer: Answer
let requests: { method: string; path: string; query: Record<string, string>; json: unknown }[] = []
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
  if (pathname === paths.stableToken) return response.end(JSON.stringify({ access_token: token, expires_in: 7200 }))
  const query = Object.fromEntries(searchParams)
  requests.push({
    method: request.method ?? '',
    path: pathname,
    query,
    json: body === '' ? undefined : JSON.parse(body),
  })
  if (answer === undefined) return request.socket.destroy()
  response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
})

let wechat: Wechat
let observed: WechatCall[] = []
beforeAll(async () => {
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
})
beforeEach(() => {
  const apiBase = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  wechat = createWechat({ appid, secret, apiBase, random: () => 0, onCall: call => observed.push(call) })
  requests = []
  observed = []
  answer = undefined
})
afterEach(() => wechat.close())
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const refusal = (errcode: number) => ({ errcode, errmsg: `refused rid: 6311b0eb-0a1b2c3d-4e5f6071` })

describe('checkSessionKey', () => {
  const check = () => wechat.checkSessionKey({ openid, sessionKey })

  it('proves the key by its signature, and does not send it', async () => {
    answer = ok
    await expect(check()).resolves.toBe(true)
    // Both values are from the facts: HMAC-SHA256 of nothing under the base64 text of the key.
    const signature = '7154f9f8b4b76b92f541cbf0e37d48840fa06e5e42da92a6f80168a1516a4735'
    expect(requests).toEqual([
      {
        method: 'GET',
        path: '/wxa/checksession',
        query: { access_token: token, openid, signature, sig_method: 'hmac_sha256' },
        json: undefined,
      },
    ])
  })

  it.each([87009, 87007])('is false when WeChat answers %i', async errcode => {
    answer = refusal(errcode)
    await expect(check()).resolves.toBe(false)
  })

  it('throws whatever else WeChat refuses with', async () => {
    answer = refusal(45011)
    await expect(check()).rejects.toMatchObject({ code: 'RATE_LIMITED', path: '/wxa/checksession' })
  })
})

describe('resetUserSessionKey', () => {
  const reset = () => wechat.resetUserSessionKey({ openid, sessionKey })

  it('gives the new key', async () => {
    answer = { ...ok, openid, session_key: 'HyVFkGl5F5OQWJZZaNzBBg==' }
    await expect(reset()).resolves.toEqual({ openid, sessionKey: 'HyVFkGl5F5OQWJZZaNzBBg==' })
    expect(requests).toMatchObject([
      { method: 'GET', path: '/wxa/resetusersessionkey', query: { signature: signSessionKey(sessionKey) } },
    ])
  })

  it.each([
    ['another openid', { ...ok, openid: 'oAnother', session_key: 'x' }],
    ['no key', { ...ok, openid }],
  ])('calls an answer with %s unreadable', async (_name, value) => {
    answer = value
    await expect(reset()).rejects.toMatchObject({ code: 'UNREADABLE' })
  })

  it.each([
    [87007, 'SESSION_KEY_INVALID'],
    [87008, 'REQUEST_INVALID'],
    [87009, 'SESSION_KEY_INVALID'],
    [40097, 'REQUEST_INVALID'],
  ])('reads %i as %s', async (errcode, code) => {
    answer = refusal(errcode)
    await expect(reset()).rejects.toMatchObject({ code, errcode })
  })
})

describe('checkEncryptedData', () => {
  it('asks by the hash of WeChat’s documentation', async () => {
    const { encryptedData, hash } = encryptedDataSample
    expect(hashEncryptedData(encryptedData)).toBe(hash)
    answer = { ...ok, vaild: true, create_time: 1629121902 }
    await expect(wechat.checkEncryptedData(encryptedData)).resolves.toEqual({
      isGenuine: true,
      createdAt: new Date(1629121902_000),
    })
    expect(requests).toMatchObject([
      { method: 'POST', path: '/wxa/business/checkencryptedmsg', json: { encrypted_msg_hash: hash } },
    ])
  })

  it.each([
    ['vaild is false', { ...ok, vaild: false, create_time: 0 }],
    ['WeChat has no record of it', refusal(1)],
  ])('is not genuine when %s', async (_name, value) => {
    answer = value
    await expect(wechat.checkEncryptedData('abc=')).resolves.toEqual({ isGenuine: false })
  })

  it('goes on working should WeChat mend its spelling, and reads nothing else as yes', async () => {
    answer = { ...ok, valid: true, create_time: 1629121902 }
    await expect(wechat.checkEncryptedData('abc=')).resolves.toMatchObject({ isGenuine: true })
    for (const value of [ok, { ...ok, vaild: 'true' }, { ...ok, vaild: true }]) {
      answer = value
      await expect(wechat.checkEncryptedData('abc=')).rejects.toMatchObject({ code: 'UNREADABLE' })
    }
  })
})

describe('getPaidUnionid', () => {
  it.each<[string, PaidOrder, object]>([
    ['WeChat Pay’s number', { transactionId: '420000' }, { transaction_id: '420000' }],
    ['the merchant’s', { mchId: '1900', outTradeNo: 'T1' }, { mch_id: '1900', out_trade_no: 'T1' }],
  ])('finds the payment by %s', async (_name, order, query) => {
    answer = { ...ok, unionid: 'oTmHYjg-tElZ68xxxxxxxxhy1Rgk' }
    await expect(wechat.getPaidUnionid({ openid, ...order })).resolves.toBe('oTmHYjg-tElZ68xxxxxxxxhy1Rgk')
    expect(requests).toEqual([
      { method: 'GET', path: '/wxa/getpaidunionid', query: { access_token: token, openid, ...query }, json: undefined },
    ])
  })

  it.each([
    [40003, 'OPENID_INVALID'],
    [89002, 'OPEN_PLATFORM_UNBOUND'],
    [89300, 'ORDER_INVALID'],
  ])('reads %i as %s', async (errcode, code) => {
    answer = refusal(errcode)
    await expect(wechat.getPaidUnionid({ openid, transactionId: '1' })).rejects.toMatchObject({ code })
  })
})

describe('getPluginOpenpid', () => {
  it('trades the code of wx.pluginLogin', async () => {
    answer = { ...ok, openpid: 'GACo74wkDIkDzEhkwRwgjGt1pqlk' }
    await expect(wechat.getPluginOpenpid('c1')).resolves.toBe('GACo74wkDIkDzEhkwRwgjGt1pqlk')
    expect(requests).toMatchObject([{ method: 'POST', path: '/wxa/getpluginopenpid', json: { code: 'c1' } }])
  })

  it.each([
    [1001, 'CODE_INVALID', 1],
    [1003, 'RATE_LIMITED', 1],
    [1005, 'PLUGIN_MISMATCH', 1],
    [1007, 'CODE_INVALID', 1],
    [1022, 'REQUEST_INVALID', 1],
    [45009, 'QUOTA_EXCEEDED', 1],
    [1000, 'BUSY', 3],
  ])('reads %i as %s, asking %i times', async (errcode, code, times) => {
    answer = refusal(errcode)
    await expect(wechat.getPluginOpenpid('c1')).rejects.toMatchObject({ code, errcode })
    expect(requests).toHaveLength(times)
  })
})

describe('getUserRiskRank', () => {
  const input: RiskInput = { openid, scene: 'registration', clientIp: '203.0.113.9' }

  it('sends what it was given, and no more', async () => {
    answer = { ...ok, risk_rank: 0, unoin_id: 123456 }
    await expect(wechat.getUserRiskRank(input)).resolves.toEqual({ riskRank: 0, requestId: '123456' })
    const more = { phone: '13800000000', email: 'a@b.c', extendedInfo: 'x', isTest: true }
    await wechat.getUserRiskRank({ ...input, scene: 'marketing', clientIp: '2001:db8::1', ...more })
    const base = { appid, openid, scene: 0, client_ip: '203.0.113.9' }
    expect(requests.map(({ json }) => json)).toEqual([
      base,
      {
        ...base,
        scene: 1,
        client_ip: '2001:db8::1',
        mobile_no: '13800000000',
        email_address: 'a@b.c',
        extended_info: 'x',
        is_test: true,
      },
    ])
  })

  it.each([5, -1, 1.5, '1', undefined])('calls a risk_rank of %j unreadable', async risk_rank => {
    answer = { ...ok, risk_rank }
    await expect(wechat.getUserRiskRank(input)).rejects.toMatchObject({ code: 'UNREADABLE' })
  })

  it.each([
    [61010, 'USER_INACTIVE'],
    [43104, 'OPENID_INVALID'],
    [48001, 'API_UNAUTHORIZED'],
    [9410009, 'TEST_QUOTA_EXHAUSTED'],
    [40129, 'REQUEST_INVALID'],
    [43302, 'REQUEST_INVALID'],
  ])('reads %i as %s', async (errcode, code) => {
    answer = refusal(errcode)
    await expect(wechat.getUserRiskRank(input)).rejects.toMatchObject({ code })
  })
})

describe('quotas', () => {
  it('are given with the limit of a shorter period where there is one', async () => {
    answer = { ...ok, quota: { daily_limit: 100, used: 40, remain: 60 } }
    const quota = { dailyLimit: 100, used: 40, remaining: 60 }
    await expect(wechat.getQuota('/wxa/getuserriskrank')).resolves.toEqual(quota)
    answer = { ...answer, rate_limit: { call_count: 5, refresh_second: 60 } }
    await expect(wechat.getQuota('/wxa/getuserriskrank')).resolves.toEqual({
      ...quota,
      rateLimit: { calls: 5, periodSeconds: 60 },
    })
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/cgi-bin/openapi/quota/get',
      json: { cgi_path: '/wxa/getuserriskrank' },
    })
  })

  it.each([
    [76021, 'PATH_INVALID'],
    [76003, 'PATH_INVALID'],
    [76022, 'LOOKUP_UNSUPPORTED'],
  ])('read %i as %s', async (errcode, code) => {
    answer = refusal(errcode)
    await expect(wechat.getQuota('/sns/jscode2session')).rejects.toMatchObject({ code })
  })

  it('are cleared with the access token, or with the AppSecret when there is none to be had', async () => {
    answer = ok
    await expect(wechat.clearQuota()).resolves.toBeUndefined()
    await expect(wechat.clearQuotaBySecret()).resolves.toBeUndefined()
    expect(requests).toEqual([
      { method: 'POST', path: '/cgi-bin/clear_quota', query: { access_token: token }, json: { appid } },
      {
        method: 'POST',
        path: '/cgi-bin/clear_quota/v2',
        query: { appid, appsecret: secret },
        json: { appid, appsecret: secret },
      },
    ])
    answer = refusal(48006)
    await expect(wechat.clearQuota()).rejects.toMatchObject({ code: 'CLEAR_QUOTA_EXHAUSTED' })
  })

  it.each(['clearQuota', 'clearQuotaBySecret'] as const)('are asked again after %s', async clear => {
    answer = refusal(45009)
    const ask = () => wechat.lookUpRid('61725984-6126f6f9-040f19c4')
    for (let i = 0; i < 3; i++) await expect(ask()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED', errcode: 45009 })
    expect(requests).toHaveLength(1)
    answer = ok
    await wechat[clear]()
    await expect(ask()).rejects.toMatchObject({ code: 'UNREADABLE' })
    expect(requests.filter(({ path }) => path === paths.lookUpRid).length).toBeGreaterThan(1)
  })
})

describe('lookUpRid', () => {
  it('gives what WeChat kept of the call, tokens and secret taken out', async () => {
    answer = {
      ...ok,
      request: {
        invoke_time: 1635156704,
        cost_in_ms: 30,
        request_url: `access_token=${token}&x=1`,
        request_body: JSON.stringify({ appid, secret, code: 'c1' }),
        response_body: `{"errcode":0,"access_token": "${token}","expires_in":7200}`,
        client_ip: '113.xx.70.51',
      },
    }
    const record = await wechat.lookUpRid('61725984-6126f6f9-040f19c4')
    expect(record).toEqual({
      invokedAt: new Date(1635156704_000),
      durationMs: 30,
      requestQuery: 'access_token=[redacted]&x=1',
      requestBody: `{"appid":"${appid}","secret":"[redacted]","code":"c1"}`,
      responseBody: '{"errcode":0,"access_token": "[redacted]","expires_in":7200}',
      clientIp: '113.xx.70.51',
    })
    expect(requests).toMatchObject([
      { method: 'POST', path: '/cgi-bin/openapi/rid/get', json: { rid: '61725984-6126f6f9-040f19c4' } },
    ])
  })

  it.each([
    [76001, 'RID_INVALID'],
    [76002, 'RID_INVALID'],
    [76003, 'RID_INVALID'],
    [76004, 'RID_INVALID'],
    [76022, 'LOOKUP_UNSUPPORTED'],
  ])('reads %i as %s', async (errcode, code) => {
    answer = refusal(errcode)
    await expect(wechat.lookUpRid('x')).rejects.toMatchObject({ code })
  })
})

/** Every call, whether WeChat may get it twice, and the secrets in it. */
const everyCall: [keyof Wechat, boolean, (signal?: AbortSignal) => Promise<unknown>][] = [
  ['checkSessionKey', true, signal => wechat.checkSessionKey({ openid, sessionKey }, { signal })],
  ['resetUserSessionKey', false, signal => wechat.resetUserSessionKey({ openid, sessionKey }, { signal })],
  ['checkEncryptedData', true, signal => wechat.checkEncryptedData(encryptedDataSample.encryptedData, { signal })],
  ['getPaidUnionid', true, signal => wechat.getPaidUnionid({ openid, transactionId: '4200001234567890' }, { signal })],
  ['getPluginOpenpid', false, signal => wechat.getPluginOpenpid('plugincode', { signal })],
  [
    'getUserRiskRank',
    true,
    signal =>
      wechat.getUserRiskRank(
        { openid, scene: 'marketing', clientIp: '203.0.113.9', phone: '13800000000', email: 'mail@example.org' },
        { signal },
      ),
  ],
  ['getQuota', true, signal => wechat.getQuota('/wxa/x', { signal })],
  ['clearQuota', false, signal => wechat.clearQuota({ signal })],
  ['clearQuotaBySecret', false, signal => wechat.clearQuotaBySecret({ signal })],
  ['lookUpRid', true, signal => wechat.lookUpRid('61725984-6126f6f9-040f19c4', { signal })],
]

describe.each(everyCall)('%s', (_name, isRepeatable, ask) => {
  it(`is sent ${isRepeatable ? 'again' : 'once'} when the connection breaks, and three times when WeChat is busy`, async () => {
    await expect(ask()).rejects.toMatchObject({ code: 'UNREACHABLE', requestSent: true })
    expect(requests).toHaveLength(isRepeatable ? 3 : 1)
    requests = []
    answer = refusal(-1)
    await expect(ask()).rejects.toMatchObject({ code: 'BUSY' })
    expect(requests).toHaveLength(3)
  })

  it('ends at the caller’s signal', async () => {
    await wechat.accessToken.get()
    await expect(ask(AbortSignal.abort())).rejects.toMatchObject({ code: 'UNREACHABLE', requestSent: false })
    expect(requests).toEqual([])
  })

  it('tells no secret of its own in errors and calls, though WeChat sends them back', async () => {
    const own = [secret, token, openid, sessionKey, signSessionKey(sessionKey), 'plugincode', '13800000000']
    const more = ['4200001234567890', 'mail@example.org', ...Object.values(encryptedDataSample)]
    answer = { errcode: 40097, errmsg: [...own, ...more, '203.0.113.9'].join(' ') }
    const error: unknown = await ask().catch((thrown: unknown) => thrown)
    if (!isWechatError(error)) throw new Error('expected a WechatError')
    const printed = inspect([error, observed], { depth: 10, showHidden: true }) + JSON.stringify([error, observed])
    const sent = JSON.stringify(requests)
    for (const value of [...own, ...more]) if (sent.includes(value)) expect(printed).not.toContain(value)
    expect(printed).not.toContain('?')
  })

  it('calls an HTML page unreadable', async () => {
    answer = '<html>maintenance</html>'
    await expect(ask()).rejects.toMatchObject({ code: 'UNREADABLE' })
  })
})

describe('our caller’s mistakes', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['openid', () => wechat.checkSessionKey({ openid: '', sessionKey })],
    ['sessionKey', () => wechat.checkSessionKey({ openid, sessionKey: undefined as never })],
    ['openid', () => wechat.resetUserSessionKey({ openid: 5 as never, sessionKey })],
    ['encryptedData', () => wechat.checkEncryptedData('')],
    ['openid', () => wechat.getPaidUnionid({ openid: '', transactionId: '1' })],
    ['transactionId', () => wechat.getPaidUnionid({ openid, transactionId: '' })],
    ['mchId', () => wechat.getPaidUnionid({ openid } as never)],
    ['outTradeNo', () => wechat.getPaidUnionid({ openid, mchId: '1' } as never)],
    ['code', () => wechat.getPluginOpenpid('')],
    ['scene', () => wechat.getUserRiskRank({ openid, scene: 'toString' as never, clientIp: '127.0.0.1' })],
    ['clientIp', () => wechat.getUserRiskRank({ openid, scene: 'marketing', clientIp: 'localhost' })],
    ['phone', () => wechat.getUserRiskRank({ openid, scene: 'marketing', clientIp: '::1', phone: '' })],
    ['cgiPath', () => wechat.getQuota('wxa/x')],
    ['rid', () => wechat.lookUpRid('')],
  ])('are TypeErrors that name %s, and nothing is sent', async (name, ask) => {
    await expect(ask()).rejects.toThrow(new RegExp(`^${name}: expected `))
    await expect(ask()).rejects.toBeInstanceOf(TypeError)
    expect(requests).toEqual([])
  })
})
