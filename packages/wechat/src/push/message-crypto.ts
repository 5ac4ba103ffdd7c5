import { createDecipheriv } from 'node:crypto'
import { WechatError } from '../errors.js'

const blockBytes = 16
/** PKCS#7 as WeChat does it pads to the length of the key, not of the block. */
const padToBytes = 32
const randomBytes = 16
const lengthBytes = 4

/**
 * The key of a push: 32 bytes out of the 43 characters of the admin page.
 *
 * @throws TypeError another shape; the value itself is not told
 */
export function parseEncodingAesKey(encodingAesKey: unknown): Buffer {
  const isRight = typeof encodingAesKey === 'string' && /^[A-Za-z\d+/]{43}$/.test(encodingAesKey)
  if (!isRight) throw new TypeError('encodingAesKey: expected the 43 characters of the admin page')
  return Buffer.from(`${encodingAesKey}=`, 'base64')
}

/**
 * Decrypts a push: AES-256-CBC, the iv being the first 16 bytes of the key; within are 16 random bytes, the length of the
 * message (big-endian), the message, and the appid it is for. The signature must have been checked before.
 *
 * @throws WechatError `DECRYPTION_FAILED` another key, or not a push · `WATERMARK_MISMATCH` for another appid
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
 */
export function decryptMessage(encrypted: string, { key, appid }: { key: Buffer; appid: string }): string {
  const data = /^[A-Za-z\d+/]+={0,2}$/.test(encrypted) ? Buffer.from(encrypted, 'base64') : Buffer.alloc(0)
  if (data.length === 0 || data.length % blockBytes !== 0) throw undecryptable('Encrypt is not whole blocks in base64')
  const plain = removePadding(decryptBlocks(data, key))
  const start = randomBytes + lengthBytes
  if (!plain || plain.length < start) throw undecryptable('not encrypted with this key')
  const end = start + plain.readUInt32BE(randomBytes)
  if (end > plain.length) throw undecryptable('the length inside is not the message’s')
  if (plain.subarray(end).toString() !== appid)
    throw new WechatError('WATERMARK_MISMATCH', { path: 'push', reason: 'it was made for another appid' })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(plain.subarray(start, end))
  } catch {
    throw undecryptable('the message is not UTF-8')
  }
}

function decryptBlocks(data: Buffer, key: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, blockBytes)).setAutoPadding(false)
  return Buffer.concat([decipher.update(data), decipher.final()])
}

function removePadding(padded: Buffer): Buffer | undefined {
  const count = padded.at(-1) ?? 0
  if (count < 1 || count > padToBytes || count > padded.length) return undefined
  const padding = padded.subarray(-count)
  return padding.every(byte => byte === count) ? padded.subarray(0, -count) : undefined
}

function undecryptable(reason: string): WechatError {
  return new WechatError('DECRYPTION_FAILED', { path: 'push', reason })
}
