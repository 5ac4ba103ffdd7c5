import type { Language } from '@mplogin/contract'
import { v7 as uuidv7 } from 'uuid'
import { type AuditEntry, auditRows } from '../ops/audit.js'
import { eventRows } from '../ops/outbox.js'
import type { TableRows } from '../store/given-rows.js'
import { accountRows } from './create-accounts.js'
import type { Claim } from './identity.js'
import { defaultAvatar, type Profile, randomNickname } from './profile.js'

/** Somebody whose claims nobody owns. */
export interface Newcomer {
  readonly claims: readonly Claim[]
  /** Of the nickname. */
  readonly language: Language
  readonly address?: string | undefined
}

/** Accounts that are about to be, and all that is to be stored with them. */
export interface PreparedNewcomers {
  readonly profiles: readonly Profile[]
  readonly rows: readonly TableRows[]
}

/**
 * Gives newcomers an account each, with its event and its audit entry. Nothing is stored yet; a unique violation will
 * then mean that somebody owns one of the claims by now.
 */
export function prepareNewcomers(newcomers: readonly Newcomer[], rule: string, now: Date): PreparedNewcomers {
  const profiles = newcomers.map(({ language, claims }) => ({
    id: uuidv7(),
    nickname: randomNickname(language),
    avatar: defaultAvatar,
    sealedPhone: claims.find(({ kind }) => kind === 'phone')?.sealed ?? null,
    createdAt: now,
  }))
  const accounts = profiles.map((profile, i) => ({ ...profile, lastSeenAt: now, claims: newcomers[i]?.claims ?? [] }))
  const events = profiles.map(({ id }) => ({ type: 'account.created', accountId: id }) as const)
  const entries = profiles.map(
    ({ id }, i): AuditEntry => ({
      action: 'account.created',
      actor: 'user',
      accountId: id,
      address: newcomers[i]?.address,
      detail: { rule },
    }),
  )
  return { profiles, rows: [...accountRows(accounts, now), eventRows(events, now), auditRows(now, entries)] }
}
