import type { Language } from '@mplogin/contract'
import { v7 as uuidv7 } from 'uuid'
import { type AuditEntry, writeAudit } from '../ops/audit.js'
import { publishEvents } from '../ops/outbox.js'
import type { Tx } from '../store/database.js'
import { createAccounts } from './create-accounts.js'
import type { Claim } from './identity.js'
import { defaultAvatar, type Profile, randomNickname } from './profile.js'

/** Somebody whose claims nobody owns. */
export interface Newcomer {
  readonly claims: readonly Claim[]
  /** Of the nickname. */
  readonly language: Language
  readonly address?: string | undefined
}

/**
 * Gives newcomers an account each, with its event and its audit entry: a statement for each table, however many they
 * are. A unique violation means that somebody owns one of the claims by now.
 */
export async function createNewcomers(
  tx: Tx,
  newcomers: readonly Newcomer[],
  rule: string,
  now: Date,
): Promise<Profile[]> {
  const profiles = newcomers.map(({ language, claims }) => ({
    id: uuidv7(),
    nickname: randomNickname(language),
    avatar: defaultAvatar,
    sealedPhone: claims.find(({ kind }) => kind === 'phone')?.sealed ?? null,
    createdAt: now,
  }))
  const accounts = profiles.map((profile, i) => ({ ...profile, lastSeenAt: now, claims: newcomers[i]?.claims ?? [] }))
  await createAccounts(tx, accounts, now)
  await publishEvents(
    tx,
    profiles.map(({ id }) => ({ type: 'account.created', accountId: id }) as const),
    now,
  )
  const entries = profiles.map(
    ({ id }, i): AuditEntry => ({
      action: 'account.created',
      actor: 'user',
      accountId: id,
      address: newcomers[i]?.address,
      detail: { rule },
    }),
  )
  await writeAudit(tx, now, entries)
  return profiles
}
