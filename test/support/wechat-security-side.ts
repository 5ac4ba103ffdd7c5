import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  createSign,
  createVerify,
  randomBytes,
} from 'node:crypto'
import { platforms } from './wechat-certificates.js'
import { securitySample } from './wechat-samples.js'

type Headers = Record<string, string | string[] | undefined>
type Fields = Record<string, unknown>

/** What a test may bend in an answer. */
export interface Bend {
  appid?: string
  timestamp?: number
  /** In clear inside the encrypted body. */
  inside?: Fields
  /** Changes what is signed before it is signed. */
  body?: (body: string) => string
  /** Changes headers after signing; `undefined` takes one out. */
  headers?: Headers
  /** Changes the body after signing. */
  sent?: (body: string) => string
  keySn?: string
  urlpath?: string
  /** Which of our platforms signs, and which signs as the deprecated one. */
  signer?: 0 | 1
  deprecatedSigner?: 0 | 1
}

/**
 * WeChat's side of API security mode, written from its documentation and apart from the package: it opens requests as
 * WeChat does, refusing in clear what is wrong, and makes answers.
 */
export function createSecuritySide({ urlBase, now }: { urlBase: () => string; now: () => Date }) {
  const { appid, symmetricKey, symmetricKeySn, privateKey } = securitySample
  const key = Buffer.from(symmetricKey, 'base64')

  /** The fields of a request, or the errcode that WeChat refuses it with. */
  function open(path: string, headers: Headers, body: string): Fields | number {
    const [signature, time, from] = ['signature', 'timestamp', 'appid'].map(name => headers[`wechatmp-${name}`])
    if (typeof time !== 'string') return 40231
    if (typeof signature !== 'string') return 40232
    if (typeof from !== 'string') return 40233
    if (from !== appid) return 40236
    if (Math.abs(now().getTime() / 1000 - Number(time)) > 300) return 40240
    const urlpath = urlBase() + path
    const verifier = createVerify('RSA-SHA256').update(`${urlpath}\n${appid}\n${time}\n${body}`)
    const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
    if (!verifier.verify({ key: createPublicKey(privateKey), ...pss }, signature, 'base64')) return 40234
    try {
      const { iv, data, authtag } = JSON.parse(body) as Record<string, string>
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv ?? '', 'base64'))
      decipher.setAAD(Buffer.from(`${urlpath}|${appid}|${time}|${symmetricKeySn}`))
      decipher.setAuthTag(Buffer.from(authtag ?? '', 'base64'))
      const plain = decipher.update(data ?? '', 'base64', 'utf8') + decipher.final('utf8')
      const fields = JSON.parse(plain) as Fields
      return fields._appid === appid && fields._timestamp === Number(time) ? fields : 40235
    } catch {
      return 40235
    }
  }

  function seal(path: string, fields: Fields, bend: Bend = {}): { headers: Record<string, string>; body: string } {
    const timestamp = bend.timestamp ?? Math.floor(now().getTime() / 1000)
    const urlpath = bend.urlpath ?? urlBase() + path
    const to = bend.appid ?? appid
    const plain = JSON.stringify({
      _n: randomBytes(16).toString('base64'),
      _appid: to,
      _timestamp: timestamp,
      ...fields,
      ...bend.inside,
    })
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, iv)
    cipher.setAAD(Buffer.from(`${urlpath}|${to}|${timestamp}|${bend.keySn ?? symmetricKeySn}`))
    const data = cipher.update(plain, 'utf8', 'base64') + cipher.final('base64')
    const envelope = JSON.stringify({
      iv: iv.toString('base64'),
      data,
      authtag: cipher.getAuthTag().toString('base64'),
    })
    const body = bend.body?.(envelope) ?? envelope
    const sign = (by: 0 | 1) =>
      createSign('RSA-SHA256')
        .update(`${urlpath}\n${to}\n${timestamp}\n${body}`)
        .sign({ key: platforms[by].privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, 'base64')
    const headers: Headers = {
      'Wechatmp-Appid': to,
      'Wechatmp-TimeStamp': String(timestamp),
      'Wechatmp-Serial': platforms[bend.signer ?? 0].serial,
      'Wechatmp-Signature': sign(bend.signer ?? 0),
      ...(bend.deprecatedSigner !== undefined && {
        'Wechatmp-Serial-Deprecated': platforms[bend.deprecatedSigner].serial,
        'Wechatmp-Signature-Deprecated': sign(bend.deprecatedSigner),
      }),
      ...bend.headers,
    }
    const present = Object.entries(headers).filter(([, value]) => value !== undefined)
    return { headers: Object.fromEntries(present) as Record<string, string>, body: bend.sent?.(body) ?? body }
  }

  return { open, seal }
}
