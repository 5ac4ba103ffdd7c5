import { createCipheriv, createHash } from 'node:crypto'

const blockBytes = 32

/** The signature of a push: SHA-1 of its parts, sorted and joined. */
export function signParts(...parts: readonly string[]): string {
  return createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex')
}

/**
 * A text in the AES mode: 16 random bytes, its length in 4 bytes, the text, the appid; padded to 32 bytes; AES-256-CBC under the
 * EncodingAESKey, whose first 16 bytes are the iv.
 */
export function encryptMessage(text: string, options: { encodingAESKey: string; appid: string; salt: Buffer }): string {
  const key = Buffer.from(`${options.encodingAESKey}=`, 'base64')
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  const plain = Buffer.concat([options.salt, length, bytes, Buffer.from(options.appid)])
  const padding = blockBytes - (plain.length % blockBytes)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(padding, padding)), cipher.final()]).toString(
    'base64',
  )
}
