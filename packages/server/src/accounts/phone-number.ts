import type { PhoneNumber } from '@mplogin/wechat'
import { LRUCache } from 'lru-cache'
import type { Keyring } from '../keyring.js'
import type { Claim } from './identity.js'

/** The claim of a phone: found by a keyed hash of its E.164 form, shown from an encrypted text. */
export function phoneClaim(
  keyring: Keyring,
  phone: Pick<PhoneNumber, 'e164' | 'countryCode' | 'nationalNumber'>,
): Claim {
  const [subject, ...former] = keyring.hashes('phone-hash', phone.e164)
  let sealed: string | undefined
  return {
    kind: 'phone',
    scope: '',
    subject,
    // Nearly all logins are of phones that are stored already.
    get sealed() {
      sealed ??= keyring.seal('phone-text', `${phone.countryCode} ${phone.nationalNumber}`)
      return sealed
    },
    aliases: former.map(alias => ({ kind: 'phone', scope: '', subject: alias })),
  }
}

/** The claim of a phone that was stored, or proven earlier, under the secret that is current now. */
export function renewPhoneClaim(keyring: Keyring, sealed: string): Claim {
  const { countryCode, nationalNumber } = unsealPhone(keyring, sealed)
  return phoneClaim(keyring, { e164: `+${countryCode}${nationalNumber}`, countryCode, nationalNumber })
}

/**
 * A stored phone as it may be shown: of the number without country code the first 3 and last 2 digits, the first 2
 * and last 2 when it has fewer than 10 (WeChat's security guide).
 */
export function maskedPhone(keyring: Keyring, sealed: string): string {
  let known = masked.get(keyring)
  if (!known) {
    const mask = (text: string) => maskNationalNumber(unsealPhone(keyring, text).nationalNumber)
    known = new LRUCache({ max: maxMasked, memoMethod: mask })
    masked.set(keyring, known)
  }
  return known.memo(sealed)
}

/** A phone is shown at each login and each look at oneself; to decrypt it costs a third of what the signature does. */
const masked = new WeakMap<Keyring, LRUCache<string, string>>()
/** Some 300 bytes each. */
const maxMasked = 10_000

function unsealPhone(keyring: Keyring, sealed: string): { countryCode: string; nationalNumber: string } {
  const text = keyring.unseal('phone-text', sealed)
  if (text === undefined)
    throw new Error('a stored phone cannot be decrypted: MPLOGIN_SECRET is not the one it was stored under')
  const [countryCode = '', nationalNumber = ''] = text.split(' ')
  return { countryCode, nationalNumber }
}

/** Masks a number without country code. */
export function maskNationalNumber(digits: string): string {
  const shown = digits.length < 10 ? 2 : 3
  const hidden = Math.max(0, digits.length - shown - 2)
  return digits.slice(0, shown) + '*'.repeat(hidden) + digits.slice(shown + hidden)
}
