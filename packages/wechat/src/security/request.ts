import { randomBytes, randomInt } from 'node:crypto'
import type { Fields } from '../judge.js'
import { additionalData, encrypt } from './cipher.js'
import type { SecuritySettings } from './options.js'
import { signBody } from './signature.js'

/** A request in clear. */
export interface PlainRequest {
  readonly appid: string
  readonly urlpath: string
  /** Unix seconds. */
  readonly timestamp: number
  /** All its parameters, those of the query too; the access token stays outside. */
  readonly fields: Fields
}

/** Encrypts and signs a request; its body must be sent exactly as it is given. */
export function sealRequest(
  security: SecuritySettings,
  { appid, urlpath, timestamp, fields }: PlainRequest,
): { body: string; headers: Record<string, string> } {
  // WeChat asks for 16 to 32 random bytes, of varying length.
  const nonce = randomBytes(randomInt(16, 33)).toString('base64').replace(/=+$/, '')
  const plain = JSON.stringify({ _n: nonce, _appid: appid, _timestamp: timestamp, ...fields })
  const aad = additionalData(urlpath, appid, timestamp, security.symmetricKeySn)
  const body = JSON.stringify(encrypt(plain, { key: security.symmetricKey, iv: randomBytes(12), aad }))
  return {
    body,
    headers: {
      'Wechatmp-Appid': appid,
      'Wechatmp-TimeStamp': String(timestamp),
      'Wechatmp-Signature': signBody({ urlpath, appid, timestamp, body }, security.privateKey),
      ...(security.publicKeySn !== undefined && { 'Wechatmp-Serial': security.publicKeySn }),
    },
  }
}
