// The full metadata: the smaller one accepts numbers with a digit too many or too few.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** A phone of a file, in the parts that WeChat gives. */
export interface PhoneCell {
  readonly e164: string
  readonly countryCode: string
  readonly nationalNumber: string
}

/**
 * Reads a phone as people and spreadsheets write it.
 *
 * @param countryCode of numbers without `+`; without it they are problems
 * @returns the number, or what is wrong with it, which does not quote it
 */
export function parsePhoneCell(
  text: string | undefined,
  countryCode: string | undefined,
): PhoneCell | { readonly problem: string } | undefined {
  if (text === undefined) return undefined
  if (/^\d(\.\d+)?E\+?\d+$/i.test(text))
    return { problem: 'a spreadsheet rounded it (1.38E+10); export the column as text' }
  if (!/^\+?[\d ()-]+$/.test(text)) return { problem: 'expected digits, as +8613800000000' }
  if (text.startsWith('+')) return valid(text) ?? { problem: 'not a number that its country has' }
  const withCode = countryCode === undefined ? undefined : valid(`+${countryCode}${text}`)
  if (withCode) return withCode
  // A spreadsheet takes +8613800000000 for a sum.
  if (valid(`+${text}`)) return { problem: 'its + is missing; write +8613800000000' }
  return {
    problem:
      countryCode === undefined
        ? 'no country code; write +8613800000000, or name the code of all with --country-code 86'
        : `not a number that the country of +${countryCode} has`,
  }
}

function valid(text: string): PhoneCell | undefined {
  const number = parsePhoneNumberFromString(text)
  if (!number?.isValid()) return undefined
  const { number: e164, countryCallingCode, nationalNumber } = number
  // WeChat gives the number as it is dialled from abroad: what is left of it after the country code.
  return { e164, countryCode: countryCallingCode, nationalNumber: nationalNumber as string }
}
