import { createCipheriv, createDecipheriv } from 'node:crypto'
import { type Fields, isFields } from '../judge.js'

const ivBytes = 12
const tagBytes = 16

/** An encrypted body; all three in base64. */
export interface Envelope {
  readonly iv: string
  readonly data: string
  readonly authtag: string
}

/** What the cipher authenticates besides the data. */
export function additionalData(urlpath: string, appid: string, timestamp: number, keySn: string): string {
  return [urlpath, appid, timestamp, keySn].join('|')
}

/** Encrypts with AES-256-GCM. */
export function encrypt(plain: string, { key, iv, aad }: { key: Buffer; iv: Buffer; aad: string }): Envelope {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad))
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return { iv: iv.toString('base64'), data: data.toString('base64'), authtag: cipher.getAuthTag().toString('base64') }
}

/** Decrypts what `encrypt` made; `undefined` when key, additional data or any byte differ. */
export function decrypt(envelope: Envelope, { key, aad }: { key: Buffer; aad: string }): string | undefined {
  const [iv, data, tag] = [envelope.iv, envelope.data, envelope.authtag].map(text => Buffer.from(text, 'base64'))
  // A short tag would be a weak one: GCM takes any length.
  if (iv?.length !== ivBytes || tag?.length !== tagBytes || !data) return undefined
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
    decipher.setAAD(Buffer.from(aad)).setAuthTag(tag)
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat([decipher.update(data), decipher.final()]))
  } catch {
    return undefined
  }
}

/** Whether a body is an encrypted one. */
export function isEnvelope(fields: Fields | undefined): fields is Fields & Envelope {
  return isFields(fields) && [fields.iv, fields.data, fields.authtag].every(part => typeof part === 'string')
}
