import { createCipheriv, createHash, randomBytes } from 'node:crypto'

export interface PushSideOptions {
  token: string
  encodingAesKey: string
  appid: string
}

/** WeChat's side of pushes, written from its documentation and apart from the package: it signs, encrypts and writes. */
export function createPushSide({ token, encodingAesKey, appid }: PushSideOptions) {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64')

  function sign(...parts: string[]): string {
    return createHash('sha1')
      .update([token, ...parts].sort().join(''))
      .digest('hex')
  }

  function encrypt(message: string, random: Buffer = randomBytes(16), to = appid): string {
    const text = Buffer.from(message)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(text.length)
    return encryptRaw(Buffer.concat([random, length, text, Buffer.from(to)]))
  }

  /** Pads to 32 bytes and encrypts, whatever it is. */
  function encryptRaw(full: Buffer): string {
    const count = 32 - (full.length % 32)
    return encryptBlocks(Buffer.concat([full, Buffer.alloc(count, count)]))
  }

  /** Encrypts whole blocks, their padding being the caller's. */
  function encryptBlocks(blocks: Buffer): string {
    const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
    return Buffer.concat([cipher.update(blocks), cipher.final()]).toString('base64')
  }

  return { sign, encrypt, encryptRaw, encryptBlocks }
}

/** XML as WeChat writes it: texts in CDATA, numbers bare. */
export function toXml(fields: Readonly<Record<string, string | number>>): string {
  const elements = Object.entries(fields).map(([name, value]) =>
    typeof value === 'number' ? `<${name}>${value}</${name}>` : `<${name}><![CDATA[${value}]]></${name}>`,
  )
  return `<xml>\n${elements.join('\n')}\n</xml>`
}
