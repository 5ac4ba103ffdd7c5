import { isFields } from './judge.js'

/** A phone number as WeChat knows it. */
export interface PhoneNumber {
  /** `+` country code, national number: `+8613800000000`. */
  e164: string
  /** Digits only: `86`. */
  countryCode: string
  /** The number without country code, digits only; its length depends on the country. */
  nationalNumber: string
  /** When the user tapped the button. */
  tappedAt: Date
}

// ITU-T E.164: at most 15 digits, no leading zero. No country's mobile numbers are shorter than 7 with their code.
const e164Shape = /^\+[1-9]\d{6,14}$/

/**
 * Reads WeChat's `phone_info`. `countryCode` comes as a string or a number; `phoneNumber` is not read, since it has the
 * country code for foreign numbers only.
 *
 * @returns `undefined` when it is not a phone number
 */
export function parsePhoneNumber(info: unknown): PhoneNumber | undefined {
  if (!isFields(info) || !isFields(info.watermark)) return undefined
  const countryCode = digitsOf(info.countryCode)
  const nationalNumber = digitsOf(info.purePhoneNumber)
  const tappedAt = new Date(Number(info.watermark.timestamp ?? Number.NaN) * 1000)
  const e164 = `+${countryCode}${nationalNumber}`
  if (!/^[1-9]\d{0,3}$/.test(countryCode) || nationalNumber.length < 4 || !e164Shape.test(e164)) return undefined
  if (Number.isNaN(tappedAt.getTime())) return undefined
  return { e164, countryCode, nationalNumber, tappedAt }
}

/** Without the plus, spaces, hyphens and brackets people write numbers with; empty when there is more to take out. */
export function digitsOf(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return ''
  const digits = String(value).replace(/[\s()+-]/g, '')
  return /^\d+$/.test(digits) ? digits : ''
}
