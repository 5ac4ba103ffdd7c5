import { dayMs } from '../clock.js'
import { writeAudit } from '../ops/audit.js'
import { publishEvent } from '../ops/outbox.js'
import type { Db, Tx } from '../store/database.js'
import type { AccountStatus } from '../store/schema.js'
import type { AccountHooks } from './hooks.js'
import { type Identity, identityKey, isIdentity } from './identity.js'
import { lockAccounts } from './lock-owners.js'
import type { MovedByMerge } from './merge.js'

/** Why a merge cannot be undone any more. */
export type UndoRefusal =
  | 'not_found'
  | 'already_undone'
  | 'too_late'
  | 'account_deleted'
  | 'survivor_merged'
  | 'identity_moved'

/** For the administrator who asked. */
const refusals: Readonly<Record<UndoRefusal, string>> = {
  not_found: 'there is no such merge',
  already_undone: 'the merge was undone before',
  too_late: 'the merge is older than MERGE_UNDO_DAYS',
  account_deleted: 'the account was deleted since',
  survivor_merged: 'the surviving account was merged into another one since; undo that merge first',
  identity_moved: 'a phone or a WeChat that the merge moved has a new owner or was given up since',
}

/** The merge stays as it is: what undoing it would restore has moved on. */
export class UndoRefusedError extends Error {
  override readonly name = 'UndoRefusedError'
  readonly reason: UndoRefusal

  constructor(reason: UndoRefusal) {
    super(refusals[reason])
    this.reason = reason
  }
}

/** What the decision looks at. */
export interface UndoFacts {
  readonly mergedAt: Date
  readonly isUndone: boolean
  readonly survivorStatus: AccountStatus
  /** What the merge moved, undefined once a deletion erased it. */
  readonly moved: MovedByMerge | undefined
  /** The identities of the survivor now. */
  readonly survivorHas: (identity: Identity) => boolean
  readonly now: Date
  readonly undoDays: number
}

/** Decides whether a merge can be undone exactly; the reason when it cannot. */
export function decideUndo(facts: UndoFacts): UndoRefusal | undefined {
  if (facts.isUndone) return 'already_undone'
  if (facts.survivorStatus === 'deleted' || facts.moved === undefined) return 'account_deleted'
  if (facts.survivorStatus === 'merged') return 'survivor_merged'
  if (facts.now.getTime() - facts.mergedAt.getTime() > facts.undoDays * dayMs) return 'too_late'
  return facts.moved.identities.every(facts.survivorHas) ? undefined : 'identity_moved'
}

/** How a merge is undone. */
export interface UndoOptions {
  readonly mergeId: string
  readonly undoDays: number
  readonly now: Date
  readonly hooks: AccountHooks
}

/**
 * Undoes a merge within a transaction: identities, sessions and tombstones go back, the loser is an account again.
 * Sessions begun since the merge cannot be told apart: they end, and their devices sign in again. The two accounts are
 * not merged by themselves any more; a login that proves both asks.
 *
 * @throws UndoRefusedError nothing was changed
 */
export async function undoMerge(tx: Tx, { mergeId, undoDays, now, hooks }: UndoOptions): Promise<UndoneMerge> {
  const found = await tx.selectFrom('merges').selectAll().where('id', '=', mergeId).executeTakeFirst()
  if (!found) throw new UndoRefusedError('not_found')
  const { survivor_id: survivorId, loser_id: loserId } = found
  await lockAccounts(tx, [survivorId, loserId])
  const merge = await tx
    .selectFrom('merges')
    .innerJoin('accounts as survivor', 'survivor.id', 'merges.survivor_id')
    .select(['merges.created_at', 'undone_at', 'moved', 'survivor.status'])
    .where('merges.id', '=', mergeId)
    .executeTakeFirstOrThrow()
  const moved = merge.moved === null ? undefined : (JSON.parse(merge.moved) as MovedByMerge)
  const present = await presentOf(tx, survivorId)
  const refusal = decideUndo({
    mergedAt: new Date(merge.created_at),
    isUndone: merge.undone_at !== null,
    survivorStatus: merge.status,
    moved,
    survivorHas: identity => present.has(identityKey(identity)),
    now,
    undoDays,
  })
  if (refusal !== undefined || moved === undefined) throw new UndoRefusedError(refusal ?? 'account_deleted')

  await tx.updateTable('accounts').set({ status: 'active', merged_into: null }).where('id', '=', loserId).execute()
  await giveBack(tx, moved, survivorId, loserId)
  await tx
    .updateTable('sessions')
    .set({ revoked_at: now.getTime(), revoked_why: 'merge_undone' })
    .where('account_id', '=', survivorId)
    // Ids are UUIDv7: those made later are greater.
    .where('id', '>', mergeId)
    .where('revoked_at', 'is', null)
    .execute()
  await tx.updateTable('merges').set({ undone_at: now.getTime() }).where('id', '=', mergeId).execute()
  await publishEvent(tx, { type: 'account.merge_undone', accountId: survivorId, loserId }, now)
  await writeAudit(tx, now, [
    { action: 'merge.undone', actor: 'admin', accountId: survivorId, detail: { mergeId, loserId } },
  ])
  await hooks.onMergeUndone?.(tx, { mergeId, survivorId, loserId })
  return { mergeId, survivorId, loserId }
}

/** Two accounts that are two again. */
export interface UndoneMerge {
  readonly mergeId: string
  readonly survivorId: string
  readonly loserId: string
}

async function giveBack(tx: Tx, moved: MovedByMerge, survivorId: string, loserId: string): Promise<void> {
  for (const identity of moved.identities) {
    await tx
      .updateTable('identities')
      .set({ account_id: loserId, phone_of: identity.kind === 'phone' ? loserId : null })
      .where(isIdentity(identity))
      .execute()
  }
  if (moved.sessions.length > 0) {
    await tx
      .updateTable('sessions')
      .set({ account_id: loserId })
      .where('id', 'in', moved.sessions)
      .where('account_id', '=', survivorId)
      .execute()
  }
  if (moved.tombstones.length > 0) {
    await tx
      .updateTable('accounts')
      .set({ merged_into: loserId })
      .where('id', 'in', moved.tombstones)
      .where('merged_into', '=', survivorId)
      .execute()
  }
}

async function presentOf(tx: Tx, accountId: string): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('identities')
    .select(['kind', 'scope', 'subject'])
    .where('account_id', '=', accountId)
    .execute()
  return new Set(rows.map(identityKey))
}

/** Pairs of these accounts whose merge an administrator undid. */
export async function findSeparated(db: Db, accountIds: readonly string[]): Promise<[string, string][]> {
  const rows = await db
    .selectFrom('merges')
    .select(['survivor_id', 'loser_id'])
    .where('survivor_id', 'in', accountIds)
    .where('loser_id', 'in', accountIds)
    .where('undone_at', 'is not', null)
    .execute()
  return rows.map(row => [row.survivor_id, row.loser_id])
}
