import { createDecipheriv } from 'node:crypto'
import { assertText } from './assert-text.js'
import { WechatError } from './errors.js'
import { isFields } from './judge.js'
import { digitsOf, type PhoneNumber, parsePhoneNumber } from './phone-number.js'

const blockBytes = 16

export interface EncryptedInput {
  /** The session key of the login before the tap: 16 bytes in base64. */
  sessionKey: string
  /** As the client got it, in base64. */
  encryptedData: string
  /** As the client got it: 16 bytes in base64. */
  iv: string
}

/**
 * Decrypts what WeChat encrypted for the client with the session key (AES-128-CBC, PKCS#7, JSON), and checks that it
 * was made for this app. The cipher has no authentication: a byte changed on the way is noticed when padding, UTF-8,
 * JSON or the watermark break, which a change inside the first block (through `iv`) need not do.
 *
 * @param input.appid the app the data must be for
 * @returns the decrypted object with its watermark; fields may be added by WeChat
 * @throws WechatError `DECRYPTION_FAILED` another session key, changed or malformed data · `WATERMARK_MISMATCH` another app's
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/signature.html
 */
export function decryptData(input: EncryptedInput & { appid: string }): unknown {
  for (const name of ['sessionKey', 'encryptedData', 'iv', 'appid'] as const) assertText(name, input[name])
  const key = decodeBase64('session key', input.sessionKey)
  const iv = decodeBase64('iv', input.iv)
  const data = decodeBase64('encrypted data', input.encryptedData)
  if (key.length !== blockBytes) throw undecryptable('the session key is not 16 bytes long')
  if (iv.length !== blockBytes) throw undecryptable('the iv is not 16 bytes long')
  if (data.length % blockBytes !== 0) throw undecryptable('the encrypted data is not a multiple of 16 bytes long')
  const value = decryptJson(key, iv, data)
  if (!isFields(value) || !isFields(value.watermark) || typeof value.watermark.appid !== 'string') {
    throw undecryptable('the decrypted data has no watermark')
  }
  if (value.watermark.appid !== input.appid) {
    throw new WechatError('WATERMARK_MISMATCH', { path: 'encryptedData', reason: 'it was made for another appid' })
  }
  return value
}

/**
 * Decrypts the phone number of the legacy phone button (`encryptedData`, `iv`).
 *
 * @throws WechatError `DECRYPTION_FAILED` · `WATERMARK_MISMATCH`, as `decryptData`
 */
export function decryptPhoneNumber(input: EncryptedInput & { appid: string }): PhoneNumber {
  const info = decryptData(input)
  const phone = parsePhoneNumber(info)
  // The fields tell the number twice; a byte changed in one of them shows.
  const isConsistent = phone && isFields(info) && digitsOf(info.phoneNumber).endsWith(phone.nationalNumber)
  if (!isConsistent) throw undecryptable('the decrypted data is not a phone number')
  return phone
}

function decryptJson(key: Buffer, iv: Buffer, data: Buffer): unknown {
  try {
    const decipher = createDecipheriv('aes-128-cbc', key, iv)
    const plain = Buffer.concat([decipher.update(data), decipher.final()])
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain))
  } catch {
    // Without cause: the parser's error quotes the plain text.
    throw undecryptable('not encrypted with this session key, or changed on the way')
  }
}

function decodeBase64(name: string, text: string): Buffer {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw undecryptable(`the ${name} is not base64${text.includes(' ') ? " (a '+' became a space on the way)" : ''}`)
  }
  return Buffer.from(text, 'base64')
}

function undecryptable(reason: string): WechatError {
  return new WechatError('DECRYPTION_FAILED', { path: 'encryptedData', reason })
}
