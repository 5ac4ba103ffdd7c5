import { v7 as uuidv7 } from 'uuid'
import { publishEvent } from '../ops/outbox.js'
import type { Tx } from '../store/database.js'
import { outlives } from '../store/outlives.js'
import type { AccountHooks } from './hooks.js'

/** What a merge moved, kept so that it can be undone: ids only, nothing that a person is known by. */
export interface MovedByMerge {
  identities: string[]
  sessions: string[]
  /** Live sessions that the survivor had itself: those that are in neither list began later. */
  survivorSessions: string[]
  /** Accounts that had been merged into the loser, and point to the survivor now. */
  tombstones: string[]
}

/**
 * Merges `loserId` into `survivorId` within a transaction: identities and sessions move, the loser and its own
 * tombstones point to the survivor (no chains), the event is written. The two must be complementary.
 */
export async function mergeAccounts(
  tx: Tx,
  merge: { survivorId: string; loserId: string; rule: string; now: Date; hooks: AccountHooks },
): Promise<void> {
  const { survivorId, loserId, rule, now, hooks } = merge
  const id = uuidv7()
  const identities = await tx.selectFrom('identities').select('id').where('account_id', '=', loserId).execute()
  const sessions = await tx.selectFrom('sessions').select('id').where('account_id', '=', loserId).execute()
  const survivorSessions = await tx
    .selectFrom('sessions')
    .select('id')
    .where('account_id', '=', survivorId)
    .where('revoked_at', 'is', null)
    .where(outlives(now.getTime()))
    .execute()
  const tombstones = await tx.selectFrom('accounts').select('id').where('merged_into', '=', loserId).execute()

  await tx.updateTable('identities').set({ account_id: survivorId }).where('account_id', '=', loserId).execute()
  await tx.updateTable('identities').set({ phone_of: survivorId }).where('phone_of', '=', loserId).execute()
  await tx.updateTable('sessions').set({ account_id: survivorId }).where('account_id', '=', loserId).execute()
  await tx.updateTable('accounts').set({ merged_into: survivorId }).where('merged_into', '=', loserId).execute()
  await tx
    .updateTable('accounts')
    .set({ status: 'merged', merged_into: survivorId })
    .where('id', '=', loserId)
    .execute()

  const moved: MovedByMerge = {
    identities: idsOf(identities),
    sessions: idsOf(sessions),
    survivorSessions: idsOf(survivorSessions),
    tombstones: idsOf(tombstones),
  }
  await tx
    .insertInto('merges')
    .values({
      id,
      survivor_id: survivorId,
      loser_id: loserId,
      rule,
      moved: JSON.stringify(moved),
      created_at: now.getTime(),
      undone_at: null,
    })
    .execute()
  await publishEvent(tx, { type: 'account.merged', accountId: survivorId, loserId }, now)
  await hooks.onAccountsMerged?.(tx, { mergeId: id, survivorId, loserId })
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(row => row.id)
}
