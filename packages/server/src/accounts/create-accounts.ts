import type { Tx } from '../store/database.js'
import { insertAll, type TableRows } from '../store/given-rows.js'
import { identityRows } from './attach-claims.js'
import type { Claim } from './identity.js'

/** An account that is about to be. */
export interface NewAccount {
  readonly id: string
  readonly nickname: string
  readonly avatar: string
  readonly createdAt: Date
  readonly lastSeenAt: Date
  /** What proves it; nobody owns it yet. */
  readonly claims: readonly Claim[]
}

/** Stores accounts with what proves them. A unique violation means that somebody owns a claim by now. */
export function createAccounts(tx: Tx, accounts: readonly NewAccount[], now: Date): Promise<void> {
  return insertAll(tx, accountRows(accounts, now))
}

/** The rows of accounts and of what proves them. */
export function accountRows(accounts: readonly NewAccount[], now: Date): TableRows[] {
  const rows = accounts.map(({ id, nickname, avatar, createdAt, lastSeenAt }) => ({
    id,
    nickname,
    avatar,
    status: 'active',
    created_at: createdAt.getTime(),
    last_seen_at: lastSeenAt.getTime(),
  }))
  const attachments = accounts.flatMap(({ id, claims }) => claims.map(claim => ({ claim, accountId: id })))
  return [{ table: 'accounts', rows }, identityRows(attachments, now)]
}
