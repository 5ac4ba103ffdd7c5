import {
  constants,
  createCipheriv,
  createDecipheriv,
  createSign,
  createVerify,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createWechatCaller } from '../../../../test/support/wechat-caller.js'
import { type Emulator, startEmulator } from '../emulator.js'

// Key, number, app and time of the sample in WeChat's document.
const symmetricKey = 'otUpngOjU+nVQaWJIC3D/yMLV17RKaP6t4Ot9tbnzLY='
const symmetricSn = 'fa05fe1e5bcc79b81ad5ad4b58acf787'
const sampleSeconds = 1_635_927_954
const samplePath = '/wxa/getuserriskrank'
const sampleOpenid = 'oEWzBfmdLqhFS2mTXCo2E4Y9gJAM'
const sampleBody = {
  iv: 'fmW/zNxXlytUZBgj',
  data: '0IDVdrPtSPF/Oe2CTXCV2vVNPbVJdJlP2WaTMQnoYLh5iCrrSNfQFh25EnStDMf0hLlVNBCZQtf9NaV0m4aRA4AAYIO7oR/Ge+4yY4EmZp5EVPB42xjScgMx5X3D4VdLCfynXIUKUtZHZvk1zmLVE3RauzJgiM1BB1CPmwcENo3MTJ0z8Vfkf5tMv54kOXobDLlV5rfqKdAX7gM/rP82DgZdt9vvZX44ipdbHIjJvw83ZXAFtvftdVw2Qd8=',
  authtag: '5qeM/2vZv+6KtScN94IpMg==',
}
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const security = {
  symmetricKey,
  symmetricSn,
  publicKey: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
}
const app = { appid: 'wxba6223c06417af7b', secret: 'secret-a', security }
const other = { appid: 'wxbbbbbbbbbbbbbbbb', secret: 'secret-b' }

const emulator: Emulator = await startEmulator({ apps: [app, other], clock: () => new Date(sampleSeconds * 1000) })
const wechat = createWechatCaller(emulator, app)
beforeEach(() => {
  emulator.reset()
  emulator.loginCode(emulator.createUser({ openid: sampleOpenid, riskRank: 2 }).id)
})
afterAll(() => emulator.close())

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
const sign = (text: string) =>
  createSign('sha256')
    .update(text)
    .sign({ key: keys.privateKey, ...pss }, 'base64')
const official = (path: string) => `https://api.weixin.qq.com${path}`

interface Sent {
  path?: string
  url?: string
  body?: unknown
  seconds?: number
  headers?: Record<string, string | undefined>
  token?: string
}

/** Sends a call as an app in the security mode does; parts of it can be bent. */
async function send({
  path = samplePath,
  url = official(path),
  body = sampleBody,
  seconds = sampleSeconds,
  ...bent
}: Sent) {
  const text = JSON.stringify(body)
  const headers = {
    'Wechatmp-AppId': app.appid,
    'Wechatmp-TimeStamp': String(seconds),
    'Wechatmp-Signature': sign([url, app.appid, seconds, text].join('\n')),
    ...bent.headers,
  }
  const sent = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const token = bent.token ?? (await wechat.token())
  return fetch(`${emulator.url}${path}?access_token=${token}`, { method: 'POST', body: text, headers: sent })
}

function encrypt(fields: object, { url, seconds = sampleSeconds }: { url: string; seconds?: number }) {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(symmetricKey, 'base64'), iv)
  cipher.setAAD(Buffer.from([url, app.appid, seconds, symmetricSn].join('|')))
  const plain = JSON.stringify({ _n: 'x', _appid: app.appid, _timestamp: seconds, ...fields })
  const data = Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64')
  return { iv: iv.toString('base64'), data, authtag: cipher.getAuthTag().toString('base64') }
}

/** Checks an answer as the document says, and opens it. */
async function open(response: Response, url = official(samplePath)) {
  const text = await response.text()
  const header = (name: string) => response.headers.get(name) ?? ''
  const stamp = header('wechatmp-timestamp')
  const signed = [url, header('wechatmp-appid'), stamp, text].join('\n')
  const isSignedBy = (publicKey: string | undefined, signature: string) =>
    createVerify('sha256')
      .update(signed)
      .verify({ key: publicKey ?? '', ...pss }, signature, 'base64')
  const { iv, data, authtag } = JSON.parse(text)
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(symmetricKey, 'base64'), Buffer.from(iv, 'base64'))
  decipher.setAAD(Buffer.from([url, app.appid, stamp, symmetricSn].join('|')))
  decipher.setAuthTag(Buffer.from(authtag, 'base64'))
  const body = JSON.parse(decipher.update(data, 'base64', 'utf8') + decipher.final('utf8'))
  return { body, isSignedBy, header, stamp }
}

const errcodeOf = async (response: Response) => ((await response.json()) as { errcode: number }).errcode

describe('the API security mode', () => {
  it('opens the sample of WeChat’s document, and answers encrypted and signed', async () => {
    const { body, isSignedBy, header, stamp } = await open(await send({}))
    expect(body).toMatchObject({ errcode: 0, risk_rank: 2, _appid: app.appid, _timestamp: Number(stamp) })
    expect(body._n).toMatch(/^[\w+/]{22}==$/)
    const { current } = emulator.platformKeys()
    expect(header('wechatmp-serial')).toBe(current.serial)
    expect(isSignedBy(current.publicKey, header('wechatmp-signature'))).toBe(true)
    expect(header('wechatmp-serial-deprecated')).toBe('')
  })

  it('takes the address that was really called as well as the official one', async () => {
    const url = `${emulator.url}${samplePath}`
    const fields = { appid: app.appid, openid: sampleOpenid, scene: 0, client_ip: '127.0.0.1' }
    const { body } = await open(await send({ url, body: encrypt(fields, { url }) }), url)
    expect(body.risk_rank).toBe(2)
  })

  it('reads the parameters of a GET from the encrypted body', async () => {
    const path = '/wxa/checksession'
    const user = emulator.createUser()
    const { session_key: key } = await wechat.exchange(emulator.loginCode(user.id).code)
    const body = encrypt(wechat.signed(user.openid, key), { url: official(path) })
    expect((await open(await send({ path, body }), official(path))).body.errcode).toBe(0)
  })

  it('encrypts refusals of the endpoint too', async () => {
    const path = '/wxa/business/getuserphonenumber'
    const body = encrypt({ code: 'x' }, { url: official(path) })
    expect((await open(await send({ path, body }), official(path))).body.errcode).toBe(40029)
  })

  it('signs with both keys while they rotate, with the new one alone when the old one is retired', async () => {
    const { current: old } = emulator.platformKeys()
    const { current, deprecated } = emulator.rotatePlatformKey()
    expect(deprecated).toEqual(old)
    const { isSignedBy, header } = await open(await send({}))
    expect([header('wechatmp-serial'), header('wechatmp-serial-deprecated')]).toEqual([current.serial, old.serial])
    expect(isSignedBy(current.publicKey, header('wechatmp-signature'))).toBe(true)
    expect(isSignedBy(old.publicKey, header('wechatmp-signature-deprecated'))).toBe(true)
    expect(isSignedBy(old.publicKey, header('wechatmp-signature'))).toBe(false)
    emulator.retirePlatformKey()
    expect((await open(await send({}))).header('wechatmp-serial-deprecated')).toBe('')
  })

  it.each<[string, Sent, number]>([
    ['no timestamp', { headers: { 'Wechatmp-TimeStamp': undefined } }, 40231],
    ['no signature', { headers: { 'Wechatmp-Signature': undefined } }, 40232],
    ['no appid', { headers: { 'Wechatmp-AppId': undefined } }, 40233],
    ['a signature of something else', { headers: { 'Wechatmp-Signature': sign('x') } }, 40234],
    ['a signature that is none', { headers: { 'Wechatmp-Signature': 'x' } }, 40234],
    ['a signed URL of another path', { url: official('/wxa/checksession') }, 40234],
    ['a body in the clear', { body: { openid: sampleOpenid } }, 40235],
    ['a body that was bent', { body: { ...sampleBody, authtag: 'AAAAAAAAAAAAAAAAAAAAAA==' } }, 40235],
    ['the appid of nobody', { headers: { 'Wechatmp-AppId': 'wx0' } }, 40236],
    ['another appid inside', { body: encrypt({ _appid: 'wx0' }, { url: official(samplePath) }) }, 40236],
    ['the appid of another app', { headers: { 'Wechatmp-AppId': other.appid } }, 40237],
    ['an old timestamp', { seconds: sampleSeconds - 301 }, 40240],
    ['another timestamp inside', { body: encrypt({ _timestamp: 7 }, { url: official(samplePath) }) }, 40240],
  ])('refuses %s, in the clear', async (_title, sent, errcode) => {
    expect(await errcodeOf(await send(sent))).toBe(errcode)
  })

  it('says which key is missing', async () => {
    emulator.addApp({ ...app, security: { publicKey: security.publicKey } })
    expect(await errcodeOf(await send({}))).toBe(40238)
    emulator.addApp({ ...app, security: { symmetricKey, symmetricSn } })
    expect(await errcodeOf(await send({}))).toBe(40239)
  })

  it('lets calls in the clear pass, except where the app asks for it', async () => {
    const plain = { appid: app.appid, openid: sampleOpenid, scene: 0, client_ip: '127.0.0.1' }
    expect((await wechat.postWithToken(samplePath, plain)).risk_rank).toBe(2)
    emulator.addApp({ ...app, security: { ...security, required: [samplePath] } })
    expect((await wechat.postWithToken(samplePath, plain)).errcode).toBe(40231)
    expect((await open(await send({}))).body.risk_rank).toBe(2)
    expect(await errcodeOf(await send({ token: 'x' }))).toBe(40001)
  })

  it('is left alone by delays, and replaced by errcodes', async () => {
    emulator.addFault({ path: samplePath, delayMs: 10 })
    expect((await open(await send({}))).body.risk_rank).toBe(2)
    emulator.addFault({ path: samplePath, errcode: -1 })
    expect(await errcodeOf(await send({}))).toBe(-1)
  })

  it('takes keys that are keys', () => {
    const adding = (more: object) => () => emulator.addApp({ ...app, security: { ...security, ...more } })
    const refused = expect.objectContaining({ code: 'BAD_REQUEST' })
    expect(adding({ symmetricKey: 'AAAA' })).toThrow(refused)
    expect(adding({ symmetricSn: undefined })).toThrow(refused)
    expect(adding({ publicKey: 'x' })).toThrow(refused)
    expect(JSON.stringify(emulator.apps())).not.toContain(symmetricKey)
  })
})
