import { parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { defaultAvatar, isNickname } from '../accounts/profile.js'

/** The columns a file may have, in any order. */
export const columns = ['id', 'nickname', 'avatar', 'phone', 'openid', 'appid', 'unionid'] as const
export type Column = (typeof columns)[number]

/** One user of the file, checked. */
export interface ImportRow {
  /** Of the file, the header being line 1. */
  readonly line: number
  readonly id: string | undefined
  /** Undefined: one is made up, as for a new user. */
  readonly nickname: string | undefined
  readonly avatar: string
  readonly phone: { readonly e164: string; readonly countryCode: string; readonly nationalNumber: string } | undefined
  readonly appid: string
  readonly openid: string | undefined
  readonly unionid: string | undefined
}

/** What is wrong in a line. It quotes no phone and no openid. */
export interface Problem {
  readonly line: number
  readonly message: string
}

/** What the file is read with. */
export interface ColumnOptions {
  /** The configured apps; the first is meant where a line names none. */
  readonly appids: readonly string[]
  /** Of phones without `+`, such as `86`; without it they are problems. */
  readonly countryCode?: string | undefined
}

const idShape = /^[A-Za-z0-9_-]{1,36}$/
const subjectShape = /^[\w-]{1,128}$/
const avatarShape = /^(https:\/\/|\/(?!\/))[^\s\\]{1,500}$/

/** Reads the cells of one line. */
export function parseRow(
  line: number,
  cells: Readonly<Partial<Record<Column, string>>>,
  { appids, countryCode }: ColumnOptions,
): ImportRow | Problem[] {
  const problems: Problem[] = []
  const wrong = (message: string) => {
    problems.push({ line, message })
    return undefined
  }
  const cell = (column: Column) => cells[column]?.trim() || undefined
  const matching = (column: Column, shape: RegExp, expected: string) => {
    const text = cell(column)
    return text === undefined || shape.test(text) ? text : wrong(`${column}: expected ${expected}`)
  }

  const id = matching('id', idShape, '1 to 36 letters, digits, - and _')
  const avatar = matching('avatar', avatarShape, 'an https URL or a path, at most 500 characters')
  const openid = matching('openid', subjectShape, 'an openid as WeChat gives it')
  const unionid = matching('unionid', subjectShape, 'a unionid as WeChat gives it')
  const nickname = cell('nickname')
  if (nickname !== undefined && !isNickname(nickname))
    wrong('nickname: expected at most 32 characters, none of them a control or direction character')
  const appid = cell('appid') ?? appids[0] ?? ''
  if (!appids.includes(appid)) wrong('appid: not one of the configured apps')
  if (openid !== undefined && cell('appid') === undefined && appids.length > 1)
    wrong('appid: missing, and several apps are configured')
  const phoneText = cell('phone')
  const phone = phoneText === undefined ? undefined : parsePhone(phoneText, countryCode)
  if (typeof phone === 'string') wrong(`phone: ${phone}`)
  if ([cell('phone'), cell('openid'), cell('unionid')].every(text => text === undefined))
    wrong('nothing that the person could sign in with: expected a phone, an openid or a unionid')
  if (problems.length > 0) return problems
  return {
    line,
    id,
    nickname,
    avatar: avatar ?? defaultAvatar,
    phone: typeof phone === 'string' ? undefined : phone,
    appid,
    openid,
    unionid,
  }
}

/** The number, or what is wrong with it. */
function parsePhone(text: string, countryCode: string | undefined): ImportRow['phone'] | string {
  if (/^\d(\.\d+)?E\+?\d+$/i.test(text)) return 'a spreadsheet rounded it (1.38E+10); export the column as text'
  if (!/^\+?[\d ()-]+$/.test(text)) return 'expected digits, as +8613800000000'
  if (!text.startsWith('+') && countryCode === undefined)
    return 'no country code; write +8613800000000, or name the code of all with --country-code 86'
  const number = parsePhoneNumberFromString(text.startsWith('+') ? text : `+${countryCode}${text}`)
  if (!number?.isValid()) return 'not a number that its country has'
  const { number: e164, countryCallingCode, nationalNumber } = number
  // WeChat gives the number as it is dialled from abroad: what is left of it after the country code.
  return { e164, countryCode: countryCallingCode, nationalNumber: nationalNumber as string }
}
