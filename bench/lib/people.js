/*
 * The people of the bench. Everything about a person follows from a number, so that the database, WeChat and the load
 * agree about them without a word: 0 up to the number of accounts are seeded, higher numbers are new.
 */

/** The mini program. */
export const app = { appid: 'wxbenchbenchbench0', secret: 'secret-of-the-bench' }

const digits = (number, length) => String(number).padStart(length, '0')

/** 28 characters, as WeChat's. */
export const openidOf = number => `oBench${digits(number, 22)}`
export const nicknameOf = number => `person-${number}`
/** Without the country code, which is 86. */
export const nationalNumberOf = number => `1${digits(number, 10)}`

/** A UUIDv7 that follows from the number: ids of later people are later. */
export function uuidOf(number, kind = 0) {
  const at = (1_750_000_000_000 + number).toString(16).padStart(12, '0')
  return `${at.slice(0, 8)}-${at.slice(8)}-7000-8000-${digits(number * 4 + kind, 12)}`
}

/** When a seeded person registered. */
export const createdAtOf = number => new Date(1_750_000_000_000 + number)

const mark = process.pid.toString(36).padStart(5, '0')
let serial = 0

/** 20 characters that no other call in this run gives. */
export const nonce = () => `${mark}${(++serial).toString(36).padStart(15, '0')}`

/** A code of `wx.login`: 32 characters, never the same one. */
export const loginCodeOf = number => `0${digits(number, 10)}${nonce()}0`
/** A code of the phone button: 64 hexadecimal characters, never the same one. */
export const phoneCodeOf = number => `${digits(number, 10)}${digits(process.pid, 14)}${digits(++serial, 40)}`

export const personOfLoginCode = code => Number(code.slice(1, 11))
export const personOfPhoneCode = code => Number(code.slice(0, 10))
export const personOfOpenid = openid => Number(openid.slice(6))
