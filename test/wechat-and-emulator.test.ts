import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startEmulator } from '@mplogin/emulator'
import { createPushReader, createWechat, isWechatError, type PushEvent, pushAnswer, type Wechat } from '@mplogin/wechat'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// Both sides of WeChat, written apart: every call of the client, security mode and pushes, against the emulator.
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const symmetricKey = randomBytes(32).toString('base64')
const symmetricKeySn = randomBytes(16).toString('hex')
const push = { token: 'AAAAA', encodingAESKey: randomBytes(32).toString('hex').slice(0, 43) }
const app = {
  appid: 'wxaaaaaaaaaaaaaaaa',
  secret: 'secret-of-app-a-0123456789abcdef',
  openPlatform: 'platform',
  security: {
    symmetricKey,
    symmetricSn: symmetricKeySn,
    publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    required: ['/wxa/business/getuserphonenumber', '/wxa/getuserriskrank'],
  },
}
const plainApp = { appid: 'wxbbbbbbbbbbbbbbbb', secret: 'secret-of-app-b-0123456789abcdef', openPlatform: 'platform' }

let emulator: Awaited<ReturnType<typeof startEmulator>>
const clients: Wechat[] = []
beforeAll(async () => {
  emulator = await startEmulator({ port: 0, apps: [app, plainApp] })
})
afterAll(async () => {
  for (const client of clients) await client.close()
  await emulator.close()
})

function createClient(options = {}): Wechat {
  const client = createWechat({ ...plainApp, apiBase: emulator.url, clock: () => emulator.now(), ...options })
  clients.push(client)
  return client
}

const security = () => {
  const { current, deprecated } = emulator.platformKeys()
  const certificates = [current, deprecated].flatMap(key =>
    key ? [{ serial: key.serial, certificate: key.publicKey }] : [],
  )
  return {
    symmetricKey,
    symmetricKeySn,
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    platformCertificates: certificates,
  }
}
const secured = (change = {}) => createClient({ ...app, security: { ...security(), ...change } })

describe('each call', () => {
  it('session keys', async () => {
    const wechat = createClient()
    const user = emulator.createUser({ appid: plainApp.appid })
    const { openid, sessionKey } = await wechat.exchangeCode(emulator.loginCode(user.id, plainApp).code)
    expect(await wechat.checkSessionKey({ openid, sessionKey })).toBe(true)
    const next = await wechat.resetUserSessionKey({ openid, sessionKey })
    expect(next.sessionKey).not.toBe(sessionKey)
    expect(await wechat.checkSessionKey({ openid, sessionKey })).toBe(false)
    expect(await wechat.checkSessionKey(next)).toBe(true)
    await expect(wechat.resetUserSessionKey({ openid, sessionKey })).rejects.toMatchObject({
      code: 'SESSION_KEY_INVALID',
    })
    expect(await wechat.checkSessionKey({ openid: 'oNobody', sessionKey })).toBe(false)
  })

  it('phones of both buttons, and encrypted data', async () => {
    const wechat = createClient()
    const user = emulator.createUser({ appid: plainApp.appid, phone: '13800000000' })
    emulator.loginCode(user.id, plainApp)
    const quick = emulator.phoneCode(user.id, plainApp)
    expect(await wechat.getPhoneNumber(quick.code)).toMatchObject({ e164: '+8613800000000' })
    expect(await wechat.getPhoneNumber(emulator.realtimePhoneCode(user.id, plainApp).code)).toMatchObject({
      e164: '+8613800000000',
    })
    expect(await wechat.checkEncryptedData(quick.encryptedData)).toEqual({
      isGenuine: true,
      createdAt: expect.any(Date),
    })
    expect(await wechat.checkEncryptedData(`A${quick.encryptedData.slice(1)}=`)).toEqual({ isGenuine: false })
  })

  it('other ids', async () => {
    const wechat = createClient()
    const user = emulator.createUser({ appid: plainApp.appid })
    const { code } = emulator.pluginCode(user.id, plainApp)
    expect(await wechat.getPluginOpenpid(code)).toMatch(/\S/)
    await expect(wechat.getPluginOpenpid(code)).rejects.toMatchObject({ code: 'CODE_INVALID' })
    const payment = emulator.pay(user.id, plainApp)
    const unionid = await wechat.getPaidUnionid({ openid: user.openid, transactionId: payment.transactionId })
    expect(unionid).toBe(user.unionid)
    expect(
      await wechat.getPaidUnionid({ openid: user.openid, mchId: payment.mchId, outTradeNo: payment.outTradeNo }),
    ).toBe(unionid)
    await expect(wechat.getPaidUnionid({ openid: user.openid, transactionId: 'none' })).rejects.toMatchObject({
      code: 'ORDER_INVALID',
    })
  })

  it('risk, quotas, rids', async () => {
    const wechat = createClient()
    const user = emulator.createUser({ appid: plainApp.appid, riskRank: 3 })
    const input = { openid: user.openid, scene: 'registration', clientIp: '203.0.113.9' } as const
    await expect(wechat.getUserRiskRank(input)).rejects.toMatchObject({ code: 'USER_INACTIVE' })
    emulator.loginCode(user.id, plainApp)
    expect(await wechat.getUserRiskRank(input)).toMatchObject({ riskRank: 3 })
    const quota = await wechat.getQuota('/wxa/getuserriskrank')
    expect(quota.used).toBeGreaterThan(0)
    await wechat.clearQuota()
    await wechat.clearQuotaBySecret()
    expect((await wechat.getQuota('/wxa/getuserriskrank')).used).toBe(0)
    await expect(wechat.getQuota('/sns/jscode2session')).rejects.toMatchObject({ code: 'LOOKUP_UNSUPPORTED' })
    await expect(wechat.getQuota('/none')).rejects.toMatchObject({ code: 'PATH_INVALID' })
    const error = await wechat.getPhoneNumber('f'.repeat(64)).catch(thrown => thrown)
    if (!isWechatError(error)) throw error
    const record = await wechat.lookUpRid(error.rid ?? '')
    expect(record).toMatchObject({ invokedAt: expect.any(Date) })
    expect(JSON.stringify(record)).not.toContain(await wechat.accessToken.get())
    await expect(wechat.lookUpRid('00000000-00000000-00000000')).rejects.toMatchObject({ code: 'RID_INVALID' })
  })
})

describe('security mode', () => {
  it('calls, refuses and rotates', async () => {
    const told: string[] = []
    const wechat = secured({ onDeprecatedCertificate: (serial: string) => told.push(serial) })
    const user = emulator.createUser({ appid: app.appid, phone: '13800000000', riskRank: 2 })
    emulator.loginCode(user.id, app)
    const input = { openid: user.openid, scene: 'marketing', clientIp: '203.0.113.9' } as const
    expect(await wechat.getUserRiskRank(input)).toMatchObject({ riskRank: 2 })
    const { code } = emulator.phoneCode(user.id, app)
    expect(await wechat.getPhoneNumber(code, { openid: user.openid })).toMatchObject({ e164: '+8613800000000' })
    expect((await wechat.getQuota('/wxa/getuserriskrank')).used).toBeGreaterThan(0)
    await expect(wechat.getPhoneNumber(code)).rejects.toMatchObject({ code: 'CODE_INVALID' })
    await expect(createClient({ appid: app.appid, secret: app.secret }).getUserRiskRank(input)).rejects.toMatchObject({
      code: 'SECURITY_REJECTED',
    })
    emulator.rotatePlatformKey()
    expect(await wechat.getUserRiskRank(input)).toMatchObject({ riskRank: 2 })
    expect(told).toHaveLength(1)
    expect(await secured().getUserRiskRank(input)).toMatchObject({ riskRank: 2 })
    emulator.retirePlatformKey()
    await expect(wechat.getUserRiskRank(input)).rejects.toMatchObject({ code: 'UNVERIFIED' })
    expect(await secured({ urlBase: 'https://api.weixin.qq.com' }).getUserRiskRank(input)).toMatchObject({
      riskRank: 2,
    })
    const late = createClient({
      ...app,
      security: security(),
      clock: () => new Date(emulator.now().getTime() - 3_600_000),
    })
    await expect(late.getUserRiskRank(input)).rejects.toMatchObject({ code: 'CLOCK_SKEWED' })
    emulator.addFault({ path: '/wxa/getuserriskrank', times: 1, errcode: 40234 } as never)
    await expect(secured().getUserRiskRank(input)).rejects.toMatchObject({ code: 'SECURITY_REJECTED' })
  })
})

describe('pushes', () => {
  it.each(['plain', 'compatible', 'safe'] as const)('%s mode, both formats', async mode => {
    for (const format of ['json', 'xml'] as const) {
      const appid = `wx${randomBytes(8).toString('hex')}`
      const events: PushEvent[] = []
      const reader = createPushReader({
        token: push.token,
        appid,
        format,
        clock: () => emulator.now(),
        ...(mode !== 'plain' && { encodingAesKey: push.encodingAESKey }),
      })
      const server = createServer(async (request, response) => {
        const query = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams)
        let body = ''
        for await (const chunk of request) body += chunk
        try {
          if (request.method === 'GET') return response.end(reader.answerVerification(query))
          events.push(reader.read({ query, body }))
          response.end(pushAnswer)
        } catch (error) {
          response.writeHead(403).end(String(error))
        }
      })
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/push?x=1`
      emulator.addApp({ appid, secret: 's'.repeat(32), openPlatform: 'platform', push: { ...push, url, mode, format } })
      expect(await emulator.verifyPush({ appid })).toMatchObject({ verified: true })
      const user = emulator.createUser({ appid })
      for (const event of [
        'user_authorization_revoke',
        'user_authorization_cancellation',
        'user_info_modified',
      ] as const)
        expect(await emulator.push({ userId: user.id, appid, event })).toMatchObject({ delivered: true })
      expect(events).toMatchObject([
        { kind: 'user_authorization_revoke', openid: user.openid, unionid: user.unionid, appid, revoked: ['phone'] },
        { kind: 'user_authorization_cancellation', openid: user.openid },
        { kind: 'user_info_modified', openid: user.openid },
      ])
      server.closeAllConnections()
      server.close()
    }
  })
})
