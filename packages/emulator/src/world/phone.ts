import { EmulatorError } from '../emulator-error.js'

/** A number as WeChat splits it. */
export interface Phone {
  readonly countryCode: string
  readonly national: string
}

// Country calling codes by length, enough to split a number: those of one and two digits (ITU-T E.164); all others have three.
const oneDigit = ['1', '7']
const twoDigits =
  '20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98'.split(
    ' ',
  )

/**
 * Reads `+8613800000000`, `13800000000` for a number of mainland China, or a number without its country code beside that code.
 *
 * @param countryCode country calling code, with or without +; told from the number when left out
 * @throws EmulatorError BAD_REQUEST
 */
export function parsePhone(text: string, countryCode?: string): Phone {
  const given = countryCode?.replace(/^\+/, '')
  if (given !== undefined && !/^[1-9]\d{0,2}$/.test(given))
    throw new EmulatorError('BAD_REQUEST', 'countryCode: expected one to three digits, such as 86')
  const phone = splitPhone(text.replace(/[\s-]/g, ''), given)
  if (!phone || !/^\+[1-9]\d{6,14}$/.test(toE164(phone)))
    throw new EmulatorError(
      'BAD_REQUEST',
      'phone: expected 13800000000 or +14155550100, of the countryCode if there is one',
    )
  return phone
}

function splitPhone(compact: string, countryCode: string | undefined): Phone | undefined {
  if (!compact.startsWith('+')) return { countryCode: countryCode ?? '86', national: compact }
  const digits = compact.slice(1)
  const code = countryCode ?? digits.slice(0, lengthOfCountryCode(digits))
  return digits.startsWith(code) ? { countryCode: code, national: digits.slice(code.length) } : undefined
}

function lengthOfCountryCode(digits: string): number {
  if (oneDigit.includes(digits.slice(0, 1))) return 1
  return twoDigits.includes(digits.slice(0, 2)) ? 2 : 3
}

/** The numbers of a WeChat account. */
export interface Phones {
  /** The one that the phone button gives. */
  readonly phone: Phone | null
  readonly phones: readonly Phone[]
}

/**
 * The numbers after a change: `phones` are all of them, `phone` is the one that the button gives, whether or not it was there.
 *
 * @throws EmulatorError BAD_REQUEST
 */
export function changePhones(
  present: Phones,
  change: {
    phone?: string | null | undefined
    countryCode?: string | undefined
    phones?: readonly string[] | undefined
  },
): Phones {
  const { phone, countryCode, phones } = change
  if (phone === null) return { phone: null, phones: [] }
  const all = phones === undefined ? present.phones : withoutTwins(phones.map(text => parsePhone(text)))
  if (phone === undefined) {
    const isKept = present.phone && all.some(known => isSame(known, present.phone))
    return { phone: isKept ? present.phone : (all[0] ?? null), phones: all }
  }
  const chosen = parsePhone(phone, countryCode)
  return { phone: chosen, phones: withoutTwins([...all, chosen]) }
}

function withoutTwins(phones: readonly Phone[]): Phone[] {
  return phones.filter((phone, index) => phones.findIndex(other => isSame(other, phone)) === index)
}

function isSame(one: Phone, other: Phone | null): boolean {
  return other !== null && toE164(one) === toE164(other)
}

/** The number in E.164. */
export function toE164({ countryCode, national }: Phone): string {
  return `+${countryCode}${national}`
}

/** The fields WeChat tells a number in; the country code is part of `phoneNumber` only when it is foreign. */
export function toPhoneInfo(phone: Phone, appid: string, at: Date) {
  const { countryCode, national } = phone
  return {
    phoneNumber: countryCode === '86' ? national : toE164(phone),
    purePhoneNumber: national,
    countryCode,
    watermark: { timestamp: Math.floor(at.getTime() / 1000), appid },
  }
}
