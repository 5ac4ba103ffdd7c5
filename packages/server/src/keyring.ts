import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'

/** What a derived key is for. Each purpose has a key of its own, so that a text of one is never valid as another. */
export type KeyPurpose =
  | 'phone-hash'
  | 'phone-text'
  | 'refresh-token'
  | 'idempotency'
  | 'conflict-ticket'
  | 'signing-key'
  | 'kept-answer'
  | 'wechat-token'

const ivBytes = 12
const tagBytes = 16
const idLength = 10

/** The keys of one secret. */
interface Master {
  /** Tells secrets apart without telling anything of them. */
  readonly id: string
  key(purpose: KeyPurpose): KeyObject
}

/**
 * The keys of this installation, all derived (HKDF-SHA256, RFC 5869) from `MPLOGIN_SECRET`. While a secret is being
 * replaced there are several: one is current and makes new hashes and texts, all are accepted.
 *
 * @param secrets 32 random bytes each; the first is current until `use` says otherwise
 */
export function createKeyring(secrets: Buffer | readonly Buffer[]) {
  const masters = [secrets].flat().map(createMaster)
  const [first] = masters
  if (!first) throw new TypeError('at least one secret is needed')
  let current = first

  /** Makes another of the secrets the current one. False when its id is none of theirs. */
  function use(id: string): boolean {
    const found = masters.find(master => master.id === id)
    current = found ?? current
    return found !== undefined
  }

  /** HMAC-SHA256 of `text`, 43 characters of base64url: the same text always gives the same hash. */
  function hash(purpose: KeyPurpose, text: string): string {
    return hashUnder(current, purpose, text)
  }

  /** The hashes of `text` under all secrets, that of the current one first. */
  function hashes(purpose: KeyPurpose, text: string): [string, ...string[]] {
    if (masters.length === 1) return [hash(purpose, text)]
    const others = masters.filter(master => master !== current)
    return [hash(purpose, text), ...others.map(master => hashUnder(master, purpose, text))]
  }

  /** Whether `mac` is a hash of `text`, compared in constant time. */
  function matches(purpose: KeyPurpose, text: string, mac: string): boolean {
    const found = Buffer.from(mac)
    return masters.some(master => {
      const expected = Buffer.from(hashUnder(master, purpose, text))
      return expected.length === found.length && timingSafeEqual(expected, found)
    })
  }

  /**
   * Encrypts and authenticates `text` (AES-256-GCM, random iv): `v1.`, the secret's id, and base64url of iv, tag and
   * ciphertext.
   */
  function seal(purpose: KeyPurpose, text: string): string {
    const iv = randomBytes(ivBytes)
    const cipher = createCipheriv('aes-256-gcm', current.key(purpose), iv)
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return `${sealPrefix(current.id)}${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`
  }

  /** The text that was sealed, or undefined when it was forged, cut or sealed under a secret that is not ours. */
  function unseal(purpose: KeyPurpose, sealed: string): string | undefined {
    const [, id, body = ''] = /^v1\.([\w-]+)\.([\w-]+)$/.exec(sealed) ?? []
    const master = masters.find(candidate => candidate.id === id)
    const bytes = Buffer.from(body, 'base64url')
    // One spelling only: a ticket that was spent must not come again as another text.
    if (!master || bytes.length < ivBytes + tagBytes || bytes.toString('base64url') !== body) return undefined
    try {
      const decipher = createDecipheriv('aes-256-gcm', master.key(purpose), bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      })
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString()
    } catch {
      return undefined
    }
  }

  return {
    use,
    /** Whether a secret is one of ours. */
    has: (id: string) => masters.some(master => master.id === id),
    /** The current secret's id. */
    currentId: () => current.id,
    /** The id of the secret that was given first. */
    firstId: first.id,
    hash,
    hashes,
    matches,
    seal,
    unseal,
  }
}

export type Keyring = ReturnType<typeof createKeyring>

/** How a text begins that was sealed under a secret. */
export function sealPrefix(secretId: string): string {
  return `v1.${secretId}.`
}

function createMaster(secret: Buffer): Master {
  if (secret.length !== 32) throw new TypeError(`the secret must be 32 bytes, found ${secret.length}`)
  const derive = (info: string) => Buffer.from(hkdfSync('sha256', secret, 'mplogin', info, 32))
  const keys = new Map<KeyPurpose, KeyObject>()
  return {
    id: derive('id').toString('base64url').replace(/[_-]/g, '0').slice(0, idLength),
    key(purpose) {
      const known = keys.get(purpose)
      if (known) return known
      const derived = createSecretKey(derive(purpose))
      keys.set(purpose, derived)
      return derived
    },
  }
}

function hashUnder(master: Master, purpose: KeyPurpose, text: string): string {
  return createHmac('sha256', master.key(purpose)).update(text).digest('base64url')
}
