import { dayMs } from '../clock.js'
import { writeAudit } from '../ops/audit.js'
import { publishEvent } from '../ops/outbox.js'
import type { Db, Tx } from '../store/database.js'
import type { AccountStatus } from '../store/schema.js'
import type { AccountHooks } from './hooks.js'
import { lockAccounts, raiseVersions } from './lock-owners.js'
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
export const refusals: Readonly<Record<UndoRefusal, string>> = {
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
  /** Ids of the identities that the survivor has now. */
  readonly survivorHas: ReadonlySet<string>
  readonly now: Date
  readonly undoDays: number
}

/** Decides whether a merge can be undone exactly; the reason when it cannot. */
export function decideUndo(facts: UndoFacts): UndoRefusal | undefined {
  if (facts.isUndone) return 'already_undone'
  if (facts.survivorStatus === 'deleted' || facts.moved === undefined) return 'account_deleted'
  if (facts.survivorStatus === 'merged') return 'survivor_merged'
  if (facts.now.getTime() - facts.mergedAt.getTime() > facts.undoDays * dayMs) return 'too_late'
  return facts.moved.identities.every(id => facts.survivorHas.has(id)) ? undefined : 'identity_moved'
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
  const present = await tx.selectFrom('identities').select('id').where('account_id', '=', survivorId).execute()
  const refusal = decideUndo({
    mergedAt: new Date(merge.created_at),
    isUndone: merge.undone_at !== null,
    survivorStatus: merge.status,
    moved,
    survivorHas: new Set(present.map(identity => identity.id)),
    now,
    undoDays,
  })
  if (refusal !== undefined || moved === undefined) throw new UndoRefusedError(refusal ?? 'account_deleted')

  await tx.updateTable('accounts').set({ status: 'active', merged_into: null }).where('id', '=', loserId).execute()
  await raiseVersions(tx, [survivorId, loserId])
  await endLaterSessions(tx, survivorId, moved, now)
  await giveBack(tx, moved, survivorId, loserId)
  await tx.updateTable('merges').set({ undone_at: now.getTime(), moved: null }).where('id', '=', mergeId).execute()
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
  if (moved.identities.length > 0) {
    const ofLoser = (tx: Tx) =>
      tx.updateTable('identities').where('account_id', '=', survivorId).where('id', 'in', moved.identities)
    await ofLoser(tx).set({ phone_of: loserId }).where('kind', '=', 'phone').execute()
    await ofLoser(tx).set({ account_id: loserId }).execute()
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

/** Ends what the survivor began since the merge: whose device that is cannot be told. */
async function endLaterSessions(tx: Tx, survivorId: string, moved: MovedByMerge, now: Date): Promise<void> {
  const live = await tx
    .selectFrom('sessions')
    .select('id')
    .where('account_id', '=', survivorId)
    .where('revoked_at', 'is', null)
    .execute()
  const earlier = new Set([...moved.sessions, ...moved.survivorSessions])
  const later = live.map(session => session.id).filter(id => !earlier.has(id))
  if (later.length === 0) return
  await tx
    .updateTable('sessions')
    .set({ revoked_at: now.getTime(), revoked_why: 'merge_undone' })
    .where('id', 'in', later)
    .execute()
}

/** Pairs of these accounts, or of accounts that were merged into them, whose merge an administrator undid. */
export async function findSeparated(db: Db, accountIds: readonly string[]): Promise<[string, string][]> {
  const tombstones = await db
    .selectFrom('accounts')
    .select(['id', 'merged_into'])
    .where('merged_into', 'in', accountIds)
    .execute()
  const todayOf = new Map(tombstones.map(({ id, merged_into }) => [id, merged_into ?? id]))
  const family = [...accountIds, ...todayOf.keys()]
  const rows = await db
    .selectFrom('merges')
    .select(['survivor_id', 'loser_id'])
    .where('survivor_id', 'in', family)
    .where('loser_id', 'in', family)
    .where('undone_at', 'is not', null)
    .execute()
  return rows
    .map(({ survivor_id, loser_id }): [string, string] => [
      todayOf.get(survivor_id) ?? survivor_id,
      todayOf.get(loser_id) ?? loser_id,
    ])
    .filter(([a, b]) => a !== b)
}
