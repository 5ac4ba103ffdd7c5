import { constants, createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { RandomBytes } from './types.js'

/** WeChat's own key pair, with the number that the console gives its certificate. */
interface PlatformKey {
  readonly serial: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** What an app verifies WeChat's answers with: a public key in PEM stands for the certificate (our choice). */
export interface PublishedKey {
  readonly serial: string
  readonly publicKey: string
}

/** One signature over an answer. */
export interface PlatformSignature {
  readonly serial: string
  readonly signature: string
}

/**
 * The keys that answers in the security mode are signed with (facts 4.2): one, or two during a rotation. Made when they are
 * first needed, since an RSA pair takes a moment.
 */
export function createPlatformKeys({ random }: { random: RandomBytes }) {
  let current: PlatformKey | undefined
  let deprecated: PlatformKey | undefined

  function make(): PlatformKey {
    return { serial: random(16).toString('hex').toUpperCase(), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) }
  }

  function present(): PlatformKey {
    current ??= make()
    return current
  }

  function published(): { current: PublishedKey; deprecated: PublishedKey | null } {
    return { current: publish(present()), deprecated: deprecated ? publish(deprecated) : null }
  }

  return {
    clear(): void {
      current = undefined
      deprecated = undefined
    },
    published,
    /** A new key signs from now on; the old one signs beside it until `retire`. */
    rotate() {
      deprecated = present()
      current = make()
      return published()
    },
    retire() {
      deprecated = undefined
      return published()
    },
    sign: (text: string) => ({
      current: signWith(present(), text),
      deprecated: deprecated && signWith(deprecated, text),
    }),
  }
}

function publish({ serial, publicKey }: PlatformKey): PublishedKey {
  return { serial, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() }
}

/** RSAwithSHA256 of the sheet: PSS padding with 32 bytes of salt. */
function signWith({ serial, privateKey }: PlatformKey, text: string): PlatformSignature {
  const signature = createSign('sha256')
    .update(text)
    .sign({ key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, 'base64')
  return { serial, signature }
}
