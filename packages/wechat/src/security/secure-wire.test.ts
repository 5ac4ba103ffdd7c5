import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { platforms } from '../../../../test/support/wechat-certificates.js'
import { securitySample as sample } from '../../../../test/support/wechat-samples.js'
import { type Bend, createSecuritySide } from '../../../../test/support/wechat-security-side.js'
import { createWechat, type Wechat } from '../client.js'
import { isWechatError } from '../errors.js'
import type { WechatCall, WechatOptions } from '../options.js'
import { paths } from '../paths.js'
import type { SecurityOptions } from './options.js'

const nowMs = Date.parse('2026-11-23T08:00:00Z')
const phoneInfo = {
  phoneNumber: '13800000000',
  purePhoneNumber: '13800000000',
  countryCode: '86',
  watermark: { timestamp: nowMs / 1000, appid: sample.appid },
}
const answers: Record<string, object> = {
  [paths.getPhoneNumber]: { errcode: 0, errmsg: 'ok', phone_info: phoneInfo },
  [paths.getUserRiskRank]: { errcode: 0, errmsg: 'getuserriskrank succ', risk_rank: 3, unoin_id: 2258658297 },
  [paths.getPluginOpenpid]: { errcode: 0, errmsg: 'ok', openpid: 'GACo74wkDIkDzEhkwRwgjGt1pqlk' },
  [paths.getQuota]: { errcode: 0, errmsg: 'ok', quota: { daily_limit: 10, used: 4, remain: 6 } },
  [paths.lookUpRid]: { errcode: 0, errmsg: 'ok', request: { invoke_time: 1635156704, cost_in_ms: 30 } },
  [paths.exchangeCode]: { openid: 'oUser', session_key: 'tiihtNczf5v6AKRyjwEUhQ==' },
  [paths.stableToken]: { access_token: 'TOKEN', expires_in: 7200 },
}
const secured = [paths.getPhoneNumber, paths.getUserRiskRank, paths.getPluginOpenpid, paths.getQuota, paths.lookUpRid]

/** A server that is WeChat's end of security mode; what it answers is bent per test. */
let url = ''
let bend: Bend = {}
let reply: ((response: ServerResponse) => void) | undefined
let fields: Record<string, unknown> | undefined
let requests: { target: string; headers: IncomingMessage['headers']; body: string }[] = []
const side = createSecuritySide({ urlBase: () => url, now: () => new Date(nowMs) })
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  requests.push({ target: request.url ?? '', headers: request.headers, body })
  const path = new URL(request.url ?? '', url).pathname
  const answer = answers[path] ?? {}
  if (!(secured as string[]).includes(path)) return response.end(JSON.stringify(answer))
  if (reply) return reply(response)
  const opened = side.open(path, request.headers, body)
  if (typeof opened === 'number') return response.end(JSON.stringify({ errcode: opened, errmsg: `refused rid: x` }))
  fields = opened
  const sealed = side.seal(path, answer as Record<string, unknown>, bend)
  response.writeHead(200, { ...sealed.headers, 'content-type': 'application/json' }).end(sealed.body)
})
const clients: Wechat[] = []

beforeAll(async () => {
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  bend = {}
  reply = undefined
  fields = undefined
  requests = []
})
afterAll(async () => {
  for (const client of clients) await client.close()
  server.closeAllConnections()
  server.close()
})

function createClient(security: Partial<SecurityOptions> = {}, options: Partial<WechatOptions> = {}) {
  const calls: WechatCall[] = []
  const wechat = createWechat({
    appid: sample.appid,
    secret: 's3cret',
    apiBase: url,
    random: () => 0,
    clock: () => new Date(nowMs),
    onCall: call => calls.push(call),
    security: {
      symmetricKey: sample.symmetricKey,
      symmetricKeySn: sample.symmetricKeySn,
      privateKey: sample.privateKey,
      platformCertificates: [platforms[0]],
      ...security,
    },
    ...options,
  })
  clients.push(wechat)
  return { ...wechat, calls }
}

const calls: [string, string, (wechat: Wechat) => Promise<unknown>, unknown][] = [
  [
    'getPhoneNumber',
    paths.getPhoneNumber,
    wechat => wechat.getPhoneNumber('p'.repeat(64), { openid: 'oUser' }),
    { e164: '+8613800000000' },
  ],
  [
    'getUserRiskRank',
    paths.getUserRiskRank,
    wechat => wechat.getUserRiskRank({ openid: 'oUser', scene: 'marketing', clientIp: '203.0.113.9' }),
    { riskRank: 3, requestId: '2258658297' },
  ],
  ['getPluginOpenpid', paths.getPluginOpenpid, wechat => wechat.getPluginOpenpid('c'), 'GACo74wkDIkDzEhkwRwgjGt1pqlk'],
  ['getQuota', paths.getQuota, wechat => wechat.getQuota('/wxa/x'), { dailyLimit: 10, used: 4, remaining: 6 }],
  ['lookUpRid', paths.lookUpRid, wechat => wechat.lookUpRid('61725984-6126f6f9-040f19c4'), { durationMs: 30 }],
]

describe.each([
  ['our own pool', undefined],
  ['an injected fetch', globalThis.fetch],
])('through %s', (_name, fetch) => {
  it.each(calls)('%s is sent encrypted and signed, and its answer opened', async (_call, path, ask, expected) => {
    const wechat = createClient({}, { fetch })
    const answer = await ask(wechat)
    if (typeof expected === 'object') expect(answer).toMatchObject(expected as object)
    else expect(answer).toBe(expected)
    const request = requests.at(-1)
    expect(request?.target).toBe(`${path}?access_token=TOKEN`)
    expect(Object.keys(JSON.parse(request?.body ?? ''))).toEqual(['iv', 'data', 'authtag'])
    expect(request?.headers).not.toHaveProperty('wechatmp-serial')
    expect(wechat.calls.at(-1)).toEqual({ appid: sample.appid, path, durationMs: expect.any(Number), status: 200 })
  })
})

describe('a request', () => {
  it('holds the parameters of the call, the app, the time, and 16 to 32 random bytes, never the access token', async () => {
    const wechat = createClient()
    const lengths = new Set<number>()
    for (let n = 0; n < 40; n += 1) {
      await wechat.getPhoneNumber('p1', { openid: 'oUser' })
      const { _n, ...rest } = fields ?? {}
      lengths.add(Buffer.from(String(_n), 'base64').length)
      expect(rest).toEqual({ _appid: sample.appid, _timestamp: nowMs / 1000, code: 'p1', openid: 'oUser' })
    }
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(16)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(32)
    expect(lengths.size).toBeGreaterThan(1)
    expect(new Set(requests.map(({ body }) => body)).size).toBe(requests.length)
  })

  it('names the key it is signed with when its number is given', async () => {
    await createClient({ publicKeySn: sample.publicKeySn }).getQuota('/wxa/x')
    expect(requests.at(-1)?.headers['wechatmp-serial']).toBe(sample.publicKeySn)
  })

  it('leaves alone the calls that do not support it, and those it is not to be used for', async () => {
    const wechat = createClient({ paths: [paths.getUserRiskRank] })
    await wechat.exchangeCode('c')
    await wechat.accessToken.get()
    reply = response => response.end(JSON.stringify(answers[paths.getPhoneNumber]))
    await expect(wechat.getPhoneNumber('p1')).resolves.toMatchObject({ e164: '+8613800000000' })
    for (const { headers } of requests) expect(headers).not.toHaveProperty('wechatmp-signature')
    expect(requests.at(-1)?.body).toBe('{"code":"p1"}')
  })

  it('is signed for the address that WeChat sees, behind a gateway', async () => {
    const gateway = createClient({ urlBase: `${url}/` }, { apiBase: `${url}//` })
    await expect(gateway.getQuota('/wxa/x')).resolves.toMatchObject({ used: 4 })
    await expect(createClient({ urlBase: 'https://api.weixin.qq.com' }).getQuota('/wxa/x')).rejects.toMatchObject({
      code: 'SECURITY_REJECTED',
      errcode: 40234,
    })
  })

  it('is refused by WeChat when our clock is wrong, and the error says so', async () => {
    const late = createClient({}, { clock: () => new Date(nowMs - 301_000) })
    await expect(late.getQuota('/wxa/x')).rejects.toMatchObject({ code: 'CLOCK_SKEWED', errcode: 40240 })
  })

  it('is refused by WeChat when it is encrypted with another key', async () => {
    const other = createClient({ symmetricKey: Buffer.alloc(32, 7).toString('base64') })
    await expect(other.getQuota('/wxa/x')).rejects.toMatchObject({ code: 'SECURITY_REJECTED', errcode: 40235 })
    await expect(createClient({ symmetricKeySn: 'another' }).getQuota('/wxa/x')).rejects.toMatchObject({
      errcode: 40235,
    })
  })
})

describe('an answer', () => {
  const ask = (wechat: Wechat) => wechat.getPhoneNumber('p1')

  it.each<[string, Bend]>([
    ['is signed by another certificate', { signer: 1, headers: { 'Wechatmp-Serial': 'platform-1' } }],
    ['names a certificate we do not have', { signer: 1 }],
    ['is for another app', { appid: 'wx0000000000000000' }],
    ['is for another app, its header is ours', { appid: 'wx0', headers: { 'Wechatmp-Appid': sample.appid } }],
    ['was encrypted for another app', { inside: { _appid: 'wx0000000000000000' } }],
    ['was encrypted at another time', { inside: { _timestamp: nowMs / 1000 - 1 } }],
    ['was encrypted without a time', { inside: { _timestamp: undefined } }],
    ['was encrypted with additional data of another key', { keySn: 'another' }],
    ['is of another address', { urlpath: 'https://api.weixin.qq.com/wxa/business/getuserphonenumber' }],
    ['is five minutes old', { timestamp: nowMs / 1000 - 301 }],
    ['is five minutes ahead', { timestamp: nowMs / 1000 + 301 }],
    ['has another time in its header', { headers: { 'Wechatmp-TimeStamp': String(nowMs / 1000 - 1) } }],
    ['has no time', { headers: { 'Wechatmp-TimeStamp': undefined } }],
    ['has a time that is none', { headers: { 'Wechatmp-TimeStamp': 'now' } }],
    ['has its signature twice', { headers: { 'Wechatmp-Signature': ['a', 'b'] } }],
    ['has a signature that is none', { headers: { 'Wechatmp-Signature': 'AAAA' } }],
    ['has no signature', { headers: { 'Wechatmp-Signature': undefined } }],
    ['was changed on the way', { sent: body => body.replace('"data":"', '"data":"A') }],
    ['is signed but in clear', { body: () => JSON.stringify(answers[paths.getPhoneNumber]) }],
    ['is signed over a short tag', { body: body => body.replace(/"authtag":"[^"]*"/, '"authtag":"AAAAAA=="') }],
    ['is signed over another iv', { body: body => body.replace(/"iv":"[^"]*"/, '"iv":"AAAAAAAAAAAAAAAA"') }],
  ])('is not believed when it %s', async (_name, change) => {
    bend = change
    const wechat = createClient()
    await expect(ask(wechat)).rejects.toMatchObject({
      kind: 'unverified',
      code: 'UNVERIFIED',
      path: paths.getPhoneNumber,
    })
    // Asked once: the code may be spent.
    expect(wechat.calls.filter(({ path }) => path === paths.getPhoneNumber)).toEqual([
      expect.objectContaining({ failure: 'UNVERIFIED' }),
    ])
  })

  it('is not asked for again when it is not believed, even where that would do no harm', async () => {
    bend = { headers: { 'Wechatmp-Signature': 'AAAA' } }
    const wechat = createClient()
    await expect(wechat.getQuota('/wxa/x')).rejects.toMatchObject({ code: 'UNVERIFIED' })
    expect(wechat.calls.filter(({ path }) => path === paths.getQuota)).toHaveLength(1)
  })

  it('in clear is believed when it is a refusal, and only then', async () => {
    reply = response => response.end(JSON.stringify({ errcode: 40029, errmsg: 'invalid code rid: x' }))
    await expect(ask(createClient())).rejects.toMatchObject({ code: 'CODE_INVALID' })
    for (const body of [answers[paths.getPhoneNumber], { phone_info: phoneInfo }, { errcode: '0' }]) {
      reply = response => response.end(JSON.stringify(body))
      await expect(ask(createClient())).rejects.toMatchObject({ code: 'UNVERIFIED' })
    }
  })

  it('that is no JSON is unreadable, as without security mode', async () => {
    reply = response => response.writeHead(502).end('<html>502 Bad Gateway</html>')
    await expect(ask(createClient())).rejects.toMatchObject({ code: 'UNREADABLE' })
  })

  it('with a refusal inside is a refusal', async () => {
    bend = { inside: { errcode: 40029, errmsg: 'invalid code rid: 6311b0eb-0a1b2c3d-4e5f6071' } }
    await expect(ask(createClient())).rejects.toMatchObject({
      code: 'CODE_INVALID',
      rid: '6311b0eb-0a1b2c3d-4e5f6071',
    })
  })

  it('that rejects the access token makes the call again with another', async () => {
    const wechat = createClient()
    await wechat.accessToken.get()
    bend = { inside: { errcode: 42001, errmsg: 'access_token expired' } }
    await expect(ask(wechat)).rejects.toMatchObject({ code: 'TOKEN_REJECTED' })
    expect(wechat.calls.filter(({ path }) => path === paths.getPhoneNumber)).toHaveLength(2)
  })

  it.each([
    ['our own pool', undefined],
    ['an injected fetch', globalThis.fetch],
  ])('that points elsewhere is not followed through %s', async (_pool, fetch) => {
    reply = response => response.writeHead(307, { location: '/elsewhere' }).end()
    await expect(ask(createClient({}, { fetch }))).rejects.toMatchObject({ code: 'UNREADABLE' })
    expect(requests.map(({ target }) => target)).not.toContain('/elsewhere')
  })

  it('is held to the time limit', async () => {
    reply = response => response.writeHead(200, { 'wechatmp-appid': sample.appid }).write('{')
    await expect(ask(createClient({}, { timeoutMs: 150 }))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      requestSent: true,
    })
  })
})

describe('an error in security mode', () => {
  it.each<[string, Bend]>([
    ['an answer that is not believed', { headers: { 'Wechatmp-Signature': 'AAAA' } }],
    [
      'a refusal that repeats what was sent',
      { inside: { errcode: 40097, errmsg: 'oUserOfThisCall TOKEN s3cret p1code' } },
    ],
    ['an answer of another shape', { inside: { phone_info: { purePhoneNumber: 'x13800000000' } } }],
  ])('tells no key, code or token after %s', async (_name, change) => {
    bend = change
    const wechat = createClient()
    const error: unknown = await wechat.getPhoneNumber('p1code', { openid: 'oUserOfThisCall' }).catch(thrown => thrown)
    expect(isWechatError(error)).toBe(true)
    const printed = inspect([error, wechat, wechat.calls], { depth: 10, showHidden: true }) + JSON.stringify(error)
    const pem = sample.privateKey.split('\n')[2] ?? ''
    for (const value of ['p1code', 'oUserOfThisCall', 'TOKEN', 's3cret', '13800000000', sample.symmetricKey, pem])
      expect(printed).not.toContain(value)
  })
})

describe('while WeChat changes its certificate', () => {
  const [first, second] = platforms

  it('an answer is believed by the old one, and we are told once to fetch the new one', async () => {
    const told: string[] = []
    const wechat = createClient({ onDeprecatedCertificate: serial => told.push(serial) })
    bend = { signer: 1, deprecatedSigner: 0 }
    await wechat.getPhoneNumber('p1')
    await wechat.getPhoneNumber('p2')
    expect(told).toEqual([first.serial])
  })

  it('an answer is believed by the new one, with both configured or the new one alone', async () => {
    const told: string[] = []
    const onDeprecatedCertificate = (serial: string) => told.push(serial)
    bend = { signer: 1, deprecatedSigner: 0 }
    for (const platformCertificates of [[first, second], [second]])
      await createClient({ platformCertificates, onDeprecatedCertificate }).getPhoneNumber('p1')
    bend = { signer: 1 }
    await createClient({ platformCertificates: [first, second], onDeprecatedCertificate }).getPhoneNumber('p1')
    expect(told).toEqual([])
  })

  it('an observer that throws does not lose the answer', async () => {
    bend = { signer: 1, deprecatedSigner: 0 }
    const onDeprecatedCertificate = () => {
      throw new Error('observer')
    }
    await expect(createClient({ onDeprecatedCertificate }).getPhoneNumber('p1')).resolves.toMatchObject({
      countryCode: '86',
    })
  })

  it('a wrong signature by the old one is not believed', async () => {
    bend = { signer: 1, deprecatedSigner: 0, headers: { 'Wechatmp-Signature-Deprecated': 'AAAA' } }
    await expect(createClient().getPhoneNumber('p1')).rejects.toMatchObject({ code: 'UNVERIFIED' })
  })
})
