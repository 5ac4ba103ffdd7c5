import { randomInt } from 'node:crypto'
import type { Language, User } from '@mplogin/contract'
import { LoginError } from '../errors.js'
import type { Keyring } from '../keyring.js'
import { buildOnce } from '../store/build-once.js'
import type { Db } from '../store/database.js'
import { give, givenTable } from '../store/given-rows.js'
import { maskedPhone } from './phone-number.js'

/** The avatar of a new user, served by the server itself. */
export const defaultAvatar = '/uploads/default-avatar.png'

const letters = 'abcdefghjkmnpqrstuvwxyz23456789'

/** A nickname for a new user, such as `用户k7m2xq`: six characters that are not mistaken for each other. */
export function randomNickname(language: Language): string {
  const suffix = Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join('')
  return language === 'en' ? `User ${suffix}` : `用户${suffix}`
}

const maxNicknameLength = 32
/** Characters that have no place in a name: controls, line and bidirectional marks, zero-width ones. */
const unwanted = /[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u

/** The zero-width joiner within an emoji, such as 👩‍💻. */
const emojiJoiner = /(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d(?=\p{Extended_Pictographic})/gu

/** Whether a text, trimmed, may be a nickname. */
export function isNickname(text: string): boolean {
  return text !== '' && text.length <= maxNicknameLength && !unwanted.test(text.replace(emojiJoiner, ''))
}

/**
 * A nickname as it is stored: trimmed.
 *
 * @throws LoginError BAD_REQUEST when it is empty or holds control or direction characters
 */
export function parseNickname(text: string): string {
  const nickname = text.trim()
  if (!isNickname(nickname)) {
    throw new LoginError('BAD_REQUEST', 'the nickname is empty or holds control characters', {
      details: [{ path: '/nickname', message: 'must hold visible characters, and no control or direction characters' }],
    })
  }
  return nickname
}

/** What a row tells of an account. */
export interface Profile {
  readonly id: string
  readonly nickname: string
  readonly avatar: string
  readonly sealedPhone: string | null
  readonly createdAt: Date
}

/** An account as the API shows it. */
export function toUser(keyring: Keyring, { id, nickname, avatar, sealedPhone, createdAt }: Profile): User {
  return {
    id,
    nickname,
    avatar,
    phone: sealedPhone === null ? null : maskedPhone(keyring, sealedPhone),
    phoneBound: sealedPhone !== null,
    createdAt: createdAt.toISOString(),
  }
}

/** Reads accounts as the API shows them; undefined where there is none. */
export async function findUsers(db: Db, keyring: Keyring, ids: readonly string[]): Promise<(User | undefined)[]> {
  const { json, count } = give(ids.map(id => ({ id })))
  const { rows } = await selectProfiles(db, json, count)
  const users = new Map(
    rows.map(row => [
      row.id,
      toUser(keyring, { ...row, sealedPhone: row.sealed, createdAt: new Date(row.created_at) }),
    ]),
  )
  return ids.map(id => users.get(id))
}

const selectProfiles = buildOnce(2, (db, json: string, count: number) =>
  db
    .selectFrom(givenTable<{ id: string }>(db, { id: 'text' }, { json, count }))
    .innerJoin('accounts', 'accounts.id', 'given.id')
    .leftJoin('identities', 'identities.phone_of', 'accounts.id')
    .select(['accounts.id', 'nickname', 'avatar', 'accounts.created_at', 'sealed'])
    .compile(),
)

/** As findUsers, of an account that is known to be there. */
export async function getUser(db: Db, keyring: Keyring, accountId: string): Promise<User> {
  const [user] = await findUsers(db, keyring, [accountId])
  if (!user) throw new Error(`account ${accountId} is gone`)
  return user
}
