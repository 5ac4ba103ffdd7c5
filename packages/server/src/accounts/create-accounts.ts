import type { Tx } from '../store/database.js'
import { insertRows } from '../store/given-rows.js'
import { attachClaims } from './attach-claims.js'
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

/** Stores accounts with what proves them: two statements, however many. A unique violation means that somebody owns a claim by now. */
export async function createAccounts(tx: Tx, accounts: readonly NewAccount[], now: Date): Promise<void> {
  await insertRows(
    tx,
    'accounts',
    accounts.map(({ id, nickname, avatar, createdAt, lastSeenAt }) => ({
      id,
      nickname,
      avatar,
      status: 'active',
      created_at: createdAt.getTime(),
      last_seen_at: lastSeenAt.getTime(),
    })),
  )
  await attachClaims(
    tx,
    accounts.flatMap(({ id, claims }) => claims.map(claim => ({ claim, accountId: id }))),
    now,
  )
}
