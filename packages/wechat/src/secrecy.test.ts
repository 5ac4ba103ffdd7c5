import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createWechat } from './client.js'
import { isWechatError } from './errors.js'
import type { WechatCall } from './options.js'

const secret = '0123456789abcdef0123456789abcdef'
const token = `69_${'TokenToken-'.repeat(12)}`
const code = '0LoginCodeLoginCodeLoginCodeLogi'
const openid = 'oOpenidOpenidOpenidOpenidOpe'
const sessionKey = 'tiihtNczf5v6AKRyjwEUhQ=='
const phone = '13800000000'
const everything = `${secret} ${token} ${code} ${openid} ${sessionKey} ${phone} +86${phone}`

type Reply = (path: string, url: string) => Response | Promise<Response>

const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status })
const failing = (error: unknown) => async (): Promise<Response> => {
  throw error
}
/** What undici throws, made worse: the address in texts and fields, and once more in the cause. */
const networkError = (url: string, errorCode: string) =>
  Object.assign(new TypeError(`request to ${url} failed: ${everything}`), {
    url,
    cause: Object.assign(new Error(`connect ${url}`), { code: errorCode, url, body: everything, socket: { secret } }),
  })

const replies: [string, Reply][] = [
  [
    'an echo in the errmsg',
    () => json({ errcode: 40029, errmsg: `invalid ${everything}, rid: 6311b0eb-0a1b2c3d-4e5f6071` }),
  ],
  ['an echo in a rejected token', () => json({ errcode: 40001, errmsg: everything })],
  ['an echo in an unknown errcode', () => json({ errcode: 12345, errmsg: everything })],
  ['an echo in HTML', () => new Response(`<html>${everything}</html>`, { status: 502 })],
  ['an echo in broken JSON', () => new Response(`{"openid":"${openid}","session_key":"${sessionKey}" ${everything}`)],
  ['an echo in an unexpected shape', () => json({ session_key: sessionKey, phone_info: { purePhoneNumber: phone } })],
  ['an echo in the errcode', () => json({ errcode: everything, errmsg: everything })],
  ['a connection that broke', (_path, url) => failing(networkError(url, 'ECONNRESET'))()],
  ['a connection that was refused', (_path, url) => failing(networkError(url, 'ECONNREFUSED'))()],
  [
    'an error whose name and code are long',
    (_path, url) => failing(Object.assign(networkError(url, url), { name: url }))(),
  ],
  ['something thrown that is no error', (_path, url) => failing(url)()],
]

describe.each(replies)('after %s', (_name, reply) => {
  it.each([
    'exchangeCode',
    'getPhoneNumber',
    'accessToken',
  ] as const)('%s tells no secret, in no way of printing it', async method => {
    const calls: WechatCall[] = []
    const wechat = createWechat({
      appid: 'wx1',
      secret,
      random: () => 0,
      onCall: call => calls.push(call),
      fetch: async input => {
        const url = String(input)
        const path = new URL(url).pathname
        if (path === '/cgi-bin/stable_token' && method === 'getPhoneNumber')
          return json({ access_token: token, expires_in: 7200 })
        return reply(path, url)
      },
    })
    const attempts = {
      exchangeCode: () => wechat.exchangeCode(code),
      getPhoneNumber: () => wechat.getPhoneNumber(code, { openid }),
      accessToken: () => wechat.accessToken.get(),
    }
    const error: unknown = await attempts[method]().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (!isWechatError(error)) throw new Error('expected a WechatError')
    const printed = printEveryWay([error, ...calls, wechat])
    for (const value of [secret, token, code, openid, sessionKey, phone]) expect(printed).not.toContain(value)
    expect(printed).not.toContain('?')
    expect(error.message).toContain(error.path)
  })
})

describe('decryption', () => {
  const input = { sessionKey, encryptedData: 'CiyLU1Aw2KjvrjMdj8YKlg==', iv: 'r7BXXKkLb8qrSNn05n0qiA==' }

  it.each([
    ['a wrong key', input],
    ['data that is not base64', { ...input, encryptedData: everything }],
    ['a key that is not base64', { ...input, sessionKey: everything }],
  ])('tells nothing of key, iv and data after %s', (_name, wrong) => {
    const wechat = createWechat({ appid: 'wx1', secret, fetch: failing(new Error('unused')) })
    try {
      wechat.decryptPhoneNumber(wrong)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ kind: 'undecryptable', code: 'DECRYPTION_FAILED' })
      const printed = printEveryWay([error])
      for (const value of [...Object.values(wrong), phone, secret]) expect(printed).not.toContain(value)
    }
  })
})

describe('isWechatError', () => {
  it('knows our errors by their brand, and nothing else', async () => {
    const wechat = createWechat({ appid: 'wx1', secret, fetch: async () => json({ errcode: 40029 }) })
    const error: unknown = await wechat.exchangeCode(code).catch((thrown: unknown) => thrown)
    expect(isWechatError(error)).toBe(true)
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      name: 'WechatError',
      kind: 'refused',
      code: 'CODE_INVALID',
    })
    for (const other of [undefined, null, 'x', {}, new Error('x'), { name: 'WechatError' }])
      expect(isWechatError(other)).toBe(false)
  })
})

function printEveryWay(values: unknown[]): string {
  const texts: string[] = []
  for (let value of values) {
    texts.push(inspect(value, { depth: 10, showHidden: true }), JSON.stringify(value))
    for (; value instanceof Error; value = value.cause)
      texts.push(value.message, String(value), JSON.stringify(value), value.stack ?? '')
  }
  return texts.join('\n')
}
