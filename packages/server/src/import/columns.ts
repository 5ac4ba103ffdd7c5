import { defaultAvatar, isNickname } from '../accounts/profile.js'
import { type PhoneCell, parsePhoneCell } from './phone-cell.js'

/** The columns a file may have, in any order. */
export const columns = [
  'id',
  'nickname',
  'avatar',
  'phone',
  'openid',
  'appid',
  'unionid',
  'created_at',
  'last_seen_at',
] as const
export type Column = (typeof columns)[number]

/** One user of the file, checked. */
export interface ImportRow {
  /** Of the file, the header being line 1. */
  readonly line: number
  readonly id: string | undefined
  /** Undefined: one is made up, as for a new user. */
  readonly nickname: string | undefined
  readonly avatar: string
  readonly phone: PhoneCell | undefined
  readonly appid: string
  readonly openid: string | undefined
  readonly unionid: string | undefined
  /** Undefined: the moment of the import. */
  readonly createdAt: Date | undefined
  readonly lastSeenAt: Date | undefined
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
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const avatarShape = /^(https:\/\/|\/(?!\/))[^\s\\\u0000-\u001f\u007f]{1,500}$/
/** A day, or a moment of it with its time zone. */
const momentShape = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d))?$/

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
  const moment = (column: Column) => {
    const text = matching(column, momentShape, '2024-05-31 or 2024-05-31T08:00:00Z')
    const at = text === undefined ? undefined : new Date(text)
    return at && !(at.getTime() <= Date.now()) ? wrong(`${column}: not a moment of the past`) : at
  }

  const id = matching('id', idShape, '1 to 36 letters, digits, - and _')
  const avatar = matching('avatar', avatarShape, 'an https URL or a path, at most 500 characters')
  const openid = matching('openid', subjectShape, 'an openid as WeChat gives it')
  const unionid = matching('unionid', subjectShape, 'a unionid as WeChat gives it')
  const [createdAt, lastSeenAt] = [moment('created_at'), moment('last_seen_at')]
  const nickname = cell('nickname')
  if (nickname !== undefined && !isNickname(nickname))
    wrong('nickname: expected at most 32 characters, none of them a control or direction character')
  const appid = cell('appid') ?? appids[0] ?? ''
  if (!appids.includes(appid)) wrong('appid: not one of the configured apps')
  if ((openid ?? unionid) !== undefined && cell('appid') === undefined && appids.length > 1)
    wrong('appid: missing, and several apps are configured')
  const phone = parsePhoneCell(cell('phone'), countryCode)
  if (phone && 'problem' in phone) wrong(`phone: ${phone.problem}`)
  if ([cell('phone'), cell('openid'), cell('unionid')].every(text => text === undefined))
    wrong('nothing that the person could sign in with: expected a phone, an openid or a unionid')
  // An id stays in events and tokens when the person is deleted: it must not be what they are known by.
  const known = phone && 'e164' in phone ? [phone.nationalNumber, phone.e164.slice(1)] : []
  if (id !== undefined && [openid, unionid, cell('phone')?.replace(/\D/g, ''), ...known].includes(id))
    wrong('id: the same as the phone, openid or unionid, which a deletion could then not erase')
  if (problems.length > 0 || (phone && 'problem' in phone)) return problems
  return { line, id, nickname, avatar: avatar ?? defaultAvatar, phone, appid, openid, unionid, createdAt, lastSeenAt }
}
