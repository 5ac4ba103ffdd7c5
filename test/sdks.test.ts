import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AppPush, type Emulator, startEmulator } from '@mplogin/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

// Three WeChat SDKs that others wrote, pointed at the emulator: what they understand is what WeChat says. Of its endpoints they call
// some by name; the others go through their own senders, with their tokens and their reading of errors.
const require = createRequire(import.meta.url)
const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-of-app-a-0123456789abcdef', openPlatform: 'platform' }
const encodingAESKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'

let emulator: Emulator
let directory: string
beforeAll(async () => {
  emulator = await startEmulator({ port: 0, apps: [app] })
})
beforeEach(() => {
  emulator.reset()
  directory = mkdtempSync(join(tmpdir(), 'mplogin-sdks-'))
  return () => rmSync(directory, { recursive: true, force: true })
})
afterAll(() => emulator.close())

const person = () => emulator.createUser({ phone: '13300000001', riskRank: 1 })
const signature = (sessionKey: string) => createHmac('sha256', sessionKey).update('').digest('hex')
const signed = (openid: string, sessionKey: string) => ({
  openid,
  signature: signature(sessionKey),
  sig_method: 'hmac_sha256',
})
const phoneInfo = {
  phoneNumber: '13300000001',
  purePhoneNumber: '13300000001',
  countryCode: '86',
  watermark: { appid: app.appid },
}

/** How an SDK sends a call with its access token; errors are thrown. */
interface Sender {
  get(path: string, query: Record<string, string>): Promise<Record<string, unknown>>
  post(path: string, body: object): Promise<Record<string, unknown>>
  /** What it throws for an errcode. */
  refusal(errcode: number): unknown
}

/** The endpoints that carry an access token, through one SDK. */
function describeEndpoints(create: () => Sender) {
  it('trades a phone code, and checks whose it is', async () => {
    const sender = create()
    const [user, stranger] = [person(), person()]
    const path = '/wxa/business/getuserphonenumber'
    const { code } = emulator.phoneCode(user.id)
    await expect(sender.post(path, { code, openid: stranger.openid })).rejects.toEqual(sender.refusal(40003))
    expect(await sender.post(path, { code, openid: user.openid })).toMatchObject({ errcode: 0, phone_info: phoneInfo })
    await expect(sender.post(path, { code })).rejects.toEqual(sender.refusal(40029))
    const realtime = emulator.realtimePhoneCode(user.id).code
    expect(await sender.post(path, { code: realtime })).toMatchObject({ phone_info: phoneInfo })
  })

  it('checks and renews a session key', async () => {
    const sender = create()
    const { id, openid } = person()
    const query = new URLSearchParams({ appid: app.appid, secret: app.secret, grant_type: 'authorization_code' })
    const answer = await fetch(`${emulator.url}/sns/jscode2session?${query}&js_code=${emulator.loginCode(id).code}`)
    const { session_key: old } = (await answer.json()) as { session_key: string }
    expect(await sender.get('/wxa/checksession', signed(openid, old))).toEqual({ errcode: 0, errmsg: 'ok' })
    const renewed = await sender.get('/wxa/resetusersessionkey', signed(openid, old))
    expect(renewed).toMatchObject({ openid, session_key: expect.stringMatching(/^[\w+/]{22}==$/) })
    await expect(sender.get('/wxa/checksession', signed(openid, old))).rejects.toEqual(sender.refusal(87009))
  })

  it('asks for unionid, openpid, risk rank, and whether data is WeChat’s', async () => {
    const sender = create()
    const user = person()
    const { transactionId } = emulator.pay(user.id)
    const paid = await sender.get('/wxa/getpaidunionid', { openid: user.openid, transaction_id: transactionId })
    expect(paid).toEqual({ unionid: user.unionid, errcode: 0, errmsg: 'ok' })
    const { code } = emulator.pluginCode(user.id)
    expect(await sender.post('/wxa/getpluginopenpid', { code })).toMatchObject({ openpid: expect.any(String) })
    emulator.loginCode(user.id)
    const visit = { appid: app.appid, openid: user.openid, scene: 0, client_ip: '127.0.0.1' }
    expect(await sender.post('/wxa/getuserriskrank', visit)).toMatchObject({ errcode: 0, risk_rank: 1 })
    const encrypted_msg_hash = createHash('sha256').update(emulator.phoneCode(user.id).encryptedData).digest('hex')
    expect(await sender.post('/wxa/business/checkencryptedmsg', { encrypted_msg_hash })).toMatchObject({ vaild: true })
  })

  it('looks up quotas and rids, and clears quotas', async () => {
    const sender = create()
    const path = '/wxa/getpluginopenpid'
    emulator.setQuota({ path, perDay: 1 })
    await expect(sender.post(path, { code: 'x' })).rejects.toEqual(sender.refusal(1007))
    await expect(sender.post(path, { code: 'x' })).rejects.toEqual(sender.refusal(1007))
    await expect(sender.post(path, { code: emulator.pluginCode(person().id).code })).rejects.toEqual(
      sender.refusal(45009),
    )
    expect(await sender.post('/cgi-bin/openapi/quota/get', { cgi_path: path })).toMatchObject({
      quota: { daily_limit: 1, used: 1, remain: 0 },
    })
    const [refused] = emulator.calls().filter(({ errcode }) => errcode === 45009)
    const rid = String(refused?.answerSummary.errmsg).slice(-26)
    expect(await sender.post('/cgi-bin/openapi/rid/get', { rid })).toMatchObject({
      request: { response_body: expect.stringContaining('45009') },
    })
    expect(await sender.post('/cgi-bin/clear_quota', { appid: app.appid })).toEqual({ errcode: 0, errmsg: 'ok' })
    expect(await sender.post('/cgi-bin/openapi/quota/get', { cgi_path: path })).toMatchObject({ quota: { used: 0 } })
  })
}

describe('node-easywechat', () => {
  const { MiniApp } = require('node-easywechat')
  const createApp = (more: object = {}) =>
    new MiniApp({
      app_id: app.appid,
      secret: app.secret,
      use_stable_access_token: true,
      file_cache: { path: directory },
      http: { baseURL: `${emulator.url}/` },
      ...more,
    })

  it('trades a login code', async () => {
    const user = person()
    const { code } = emulator.loginCode(user.id)
    const session = await createApp().getUtils().codeToSession(code)
    expect(session).toMatchObject({
      openid: user.openid,
      unionid: user.unionid,
      session_key: expect.stringMatching(/^[\w+/]{22}==$/),
    })
    await expect(createApp().getUtils().codeToSession(code)).rejects.toThrow(/40163|code been used/)
  })

  it('decrypts what the phone button gives', async () => {
    const { id } = person()
    const utils = createApp().getUtils()
    const { session_key: key } = await utils.codeToSession(emulator.loginCode(id).code)
    const { iv, encryptedData } = emulator.phoneCode(id)
    expect(utils.decryptSession(key, iv, encryptedData)).toMatchObject(phoneInfo)
  })

  it('gets access tokens of both families, the stable one by force too', async () => {
    const stable = createApp().getAccessToken()
    const first = await stable.getToken()
    expect(first).toMatch(/^\d+_[\w-]+$/)
    expect(await stable.refresh()).toBe(first)
    expect(await stable.getStableAccessToken(true)).not.toBe(first)
    const legacy = createApp({ use_stable_access_token: false }).getAccessToken()
    expect(await legacy.getToken()).not.toBe(await legacy.refresh())
    expect(emulator.stats().tokens).toEqual({
      stable: { first: 1, same: 1, forced: 1 },
      legacy: { first: 1, replaced: 1 },
    })
  })

  describe('calls', () =>
    describeEndpoints(() => {
      const client = createApp().getClient()
      // biome-ignore lint/suspicious/noExplicitAny: the SDK's own response, which has no types here
      const settle = async (call: Promise<any>) => {
        const answer = (await call).toObject()
        if (answer.errcode) throw answer
        return answer
      }
      return {
        get: (path, params) => settle(client.get(path, { params })),
        post: (path, body) => settle(client.postJson(path, body)),
        refusal: errcode => expect.objectContaining({ errcode }),
      }
    }))

  describe('gets events', () => {
    const ServerRequest = require('node-easywechat/dist/Core/Http/ServerRequest')
    let server: Server
    let heard: Record<string, unknown>[]
    beforeAll(async () => {
      server = createServer(async (request, response) => {
        const wechat = createApp({ token: 'the-token', aes_key: encodingAESKey })
        wechat.setRequest(await ServerRequest.createFromIncomingMessage(request))
        const events = wechat.getServer()
        events.addEventListener('user_authorization_revoke', (message: { attributes: Record<string, unknown> }) => {
          heard.push(message.attributes)
          return true
        })
        const answer = await events.serve().catch((error: Error) => error)
        if (answer instanceof Error) response.writeHead(500).end(answer.message)
        else response.end(answer.getBody().toString())
      }).listen(0, '127.0.0.1')
      await new Promise(resolve => server.once('listening', resolve))
    })
    beforeEach(() => {
      heard = []
    })
    afterAll(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`

    it.each<Pick<AppPush, 'mode' | 'format'>>([
      { mode: 'plain', format: 'json' },
      { mode: 'plain', format: 'xml' },
      { mode: 'safe', format: 'xml' },
      { mode: 'compatible', format: 'xml' },
    ])('as $format, $mode', async settings => {
      emulator.addApp({ ...app, push: { url: address(), token: 'the-token', encodingAESKey, ...settings } })
      const user = person()
      const result = await emulator.push({ userId: user.id, event: 'user_authorization_revoke' })
      expect(result).toMatchObject({ delivered: true, attempts: [{ status: 200 }] })
      expect(heard).toMatchObject([{ OpenID: user.openid, UnionID: user.unionid, AppID: app.appid, RevokeInfo: '8' }])
    })

    it('and decrypts JSON, which its server does not read itself', async () => {
      const received: { body: string; query: Record<string, string> }[] = []
      const plain = createServer(async (request, response) => {
        let body = ''
        for await (const chunk of request) body += chunk
        received.push({ body, query: Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams) })
        response.end('success')
      }).listen(0, '127.0.0.1')
      await new Promise(resolve => plain.once('listening', resolve))
      const url = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/`
      emulator.addApp({ ...app, push: { url, token: 'the-token', encodingAESKey, mode: 'safe' } })
      const { message } = await emulator.push({ userId: person().id, event: 'user_info_modified' })
      plain.closeAllConnections()
      plain.close()
      const [{ body, query } = { body: '', query: {} as Record<string, string> }] = received
      const encryptor = createApp({ token: 'the-token', aes_key: encodingAESKey }).getEncryptor()
      const { Encrypt } = JSON.parse(body)
      const text = encryptor.decrypt(Encrypt, query.msg_signature, query.nonce, query.timestamp)
      expect(JSON.parse(text)).toEqual(message)
    })

    it('and answers the echostr', async () => {
      emulator.addApp({ ...app, push: { url: address(), token: 'the-token' } })
      expect((await emulator.verifyPush()).verified).toBe(true)
    })
  })
})

describe('co-wechat-api', () => {
  const WechatApi = require('co-wechat-api')
  const createApp = () =>
    Object.assign(new WechatApi(app.appid, app.secret), {
      prefix: `${emulator.url}/cgi-bin/`,
      snsPrefix: `${emulator.url}/sns/`,
      wxaPrefix: `${emulator.url}/wxa/`,
    })

  it('trades a login code', async () => {
    const user = person()
    const { code } = emulator.loginCode(user.id)
    expect(await createApp().code2Session(code)).toMatchObject({ openid: user.openid, unionid: user.unionid })
    await expect(createApp().code2Session(code)).rejects.toMatchObject({ code: 40163, name: 'WeChatAPIError' })
  })

  it('gets an access token, and another one by itself when WeChat refuses it', async () => {
    const wechat = createApp()
    const { accessToken } = await wechat.ensureAccessToken()
    expect(accessToken).toMatch(/^\d+_[\w-]+$/)
    expect((await wechat.ensureAccessToken()).accessToken).toBe(accessToken)
    emulator.voidTokens({ family: 'legacy' })
    const { code } = emulator.phoneCode(person().id)
    const url = `${wechat.wxaPrefix}business/getuserphonenumber?access_token=${accessToken}`
    const answer = await wechat.request(url, { method: 'POST', data: JSON.stringify({ code }) })
    expect(answer).toMatchObject({ errcode: 0, phone_info: phoneInfo })
    expect(emulator.stats().calls['/wxa/business/getuserphonenumber']).toEqual({ '40001': 1, '0': 1 })
    // The same for one that has expired.
    emulator.advanceClock(7200)
    const again = emulator.phoneCode(person().id).code
    const { accessToken: expired } = await wechat.ensureAccessToken()
    const second = `${wechat.wxaPrefix}business/getuserphonenumber?access_token=${expired}`
    expect(await wechat.request(second, { method: 'POST', data: JSON.stringify({ code: again }) })).toMatchObject({
      phone_info: phoneInfo,
    })
    expect(emulator.stats().tokens.legacy).toEqual({ first: 3 })
  })

  it('gives up at a server that is broken, with its own error', async () => {
    emulator.addFault({ path: '/cgi-bin/token', status: 502 })
    await expect(createApp().ensureAccessToken()).rejects.toMatchObject({ name: 'WeChatAPIError' })
    emulator.addFault({ path: '/cgi-bin/token', body: '{"access_tok', chance: 1 })
    expect(Buffer.isBuffer(await createApp().request(`${emulator.url}/cgi-bin/token`))).toBe(true)
  })

  describe('calls', () =>
    describeEndpoints(() => {
      const wechat = createApp()
      const address = async (path: string, query: Record<string, string> = {}) => {
        const { accessToken } = await wechat.ensureAccessToken()
        return `${emulator.url}${path}?${new URLSearchParams({ access_token: accessToken, ...query })}`
      }
      return {
        get: async (path, query) => wechat.request(await address(path, query)),
        post: async (path, body) =>
          wechat.request(await address(path), {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            data: JSON.stringify(body),
          }),
        refusal: code => expect.objectContaining({ code }),
      }
    }))
})

describe('wechat-jssdk', () => {
  const { MiniProgram, JSSDK, FileStore } = require('wechat-jssdk')
  const stores: { destroy(): void }[] = []
  const createMiniProgram = () => {
    const store = new FileStore({ fileStorePath: join(directory, 'wechat.json') })
    stores.push(store)
    const GET_SESSION_KEY_URL = `${emulator.url}/sns/jscode2session`
    return new MiniProgram({ miniProgram: { appId: app.appid, appSecret: app.secret, GET_SESSION_KEY_URL }, store })
  }
  afterAll(() => {
    for (const store of stores) store.destroy()
  })

  it('trades a login code, and keeps the session in its store', async () => {
    const user = person()
    const mini = createMiniProgram()
    const { code } = emulator.loginCode(user.id)
    const session = await mini.getSession(code)
    expect(session).toMatchObject({ openid: user.openid, unionid: user.unionid })
    expect(await mini.store.getMPSessionKey(user.openid)).toBe(session.session_key)
    await expect(mini.getSession(code)).rejects.toMatchObject({
      errcode: 40163,
      errmsg: expect.stringMatching(/^code been used, rid: /),
    })
  })

  it('decrypts what the phone button gives, until the session key rotates', async () => {
    const { id, openid } = person()
    const mini = createMiniProgram()
    const { session_key: key } = await mini.getSession(emulator.loginCode(id).code)
    const { iv, encryptedData } = emulator.phoneCode(id)
    expect(await mini.decryptData(encryptedData, iv, key)).toMatchObject(phoneInfo)
    expect(await mini.decryptData(encryptedData, iv, undefined, openid)).toMatchObject(phoneInfo)
    emulator.changeSettings({ sessionKeyRotateAlways: true })
    emulator.loginCode(id)
    const later = emulator.phoneCode(id)
    await expect(mini.decryptData(later.encryptedData, later.iv, key)).rejects.toThrow()
  })

  it('signs as WeChat’s own sample does', async () => {
    const rawData =
      '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}'
    const mini = createMiniProgram()
    const sample = '75e81ceda165f4ffa64f4068af58c64b8f54b88c'
    expect(await mini.genSignature(rawData, 'HyVFkGl5F5OQWJZZaNzBBg==')).toBe(sample)
    await expect(mini.verifySignature(rawData, sample, 'HyVFkGl5F5OQWJZZaNzBBg==')).resolves.toBeUndefined()
  })

  it('gets an access token', async () => {
    const wechatConfig = { appId: app.appid, appSecret: app.secret, accessTokenUrl: `${emulator.url}/cgi-bin/token` }
    // Without its constructor, which starts a timer that nobody can stop.
    const token = await JSSDK.prototype.getAccessToken.call({ wechatConfig })
    expect(token).toEqual({ access_token: expect.stringMatching(/^\d+_[\w-]+$/), expires_in: 7200 })
    wechatConfig.appSecret = 'x'
    await expect(JSSDK.prototype.getAccessToken.call({ wechatConfig })).rejects.toMatchObject({ errcode: 40125 })
  })
})
