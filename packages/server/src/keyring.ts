import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a derived key is for. Each purpose has a key of its own, so that a text of one is never valid as another. */
export type KeyPurpose =
  | 'phone-hash'
  | 'phone-text'
  | 'refresh-token'
  | 'idempotency'
  | 'conflict-ticket'
  | 'signing-key'
  | 'kept-answer'

const ivBytes = 12
const tagBytes = 16

/**
 * The keys of this installation, all derived (HKDF-SHA256, RFC 5869) from one `MPLOGIN_SECRET`.
 *
 * @param secret 32 random bytes
 */
export function createKeyring(secret: Buffer) {
  if (secret.length !== 32) throw new TypeError(`the secret must be 32 bytes, found ${secret.length}`)
  const keys = new Map<KeyPurpose, Buffer>()
  const key = (purpose: KeyPurpose): Buffer => {
    const known = keys.get(purpose)
    if (known) return known
    const derived = Buffer.from(hkdfSync('sha256', secret, 'mplogin', purpose, 32))
    keys.set(purpose, derived)
    return derived
  }

  /** HMAC-SHA256 of `text`, 43 characters of base64url: the same text always gives the same hash. */
  function hash(purpose: KeyPurpose, text: string): string {
    return createHmac('sha256', key(purpose)).update(text).digest('base64url')
  }

  /** Whether `mac` is the hash of `text`, compared in constant time. */
  function matches(purpose: KeyPurpose, text: string, mac: string): boolean {
    const expected = Buffer.from(hash(purpose, text))
    const found = Buffer.from(mac)
    return expected.length === found.length && timingSafeEqual(expected, found)
  }

  /** Encrypts and authenticates `text` (AES-256-GCM, random iv): `v1.` and base64url of iv, tag and ciphertext. */
  function seal(purpose: KeyPurpose, text: string): string {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv('aes-256-gcm', key(purpose), iv)
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return `v1.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`
  }

  /** The text that was sealed, or undefined when it was forged, cut or sealed under another secret. */
  function unseal(purpose: KeyPurpose, sealed: string): string | undefined {
    if (!/^v1\.[\w-]+$/.test(sealed)) return undefined
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    if (bytes.length < ivBytes + tagBytes) return undefined
    try {
      const decipher = createDecipheriv('aes-256-gcm', key(purpose), bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
      const body = bytes.subarray(ivBytes + tagBytes)
      return decipher.update(body, undefined, 'utf8') + decipher.final('utf8')
    } catch {
      return undefined
    }
  }

  return { hash, matches, seal, unseal }
}

export type Keyring = ReturnType<typeof createKeyring>
