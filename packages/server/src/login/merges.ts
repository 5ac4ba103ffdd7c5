import type { AccountHooks } from '../accounts/hooks.js'
import { type UndoneMerge, undoMerge } from '../accounts/undo-merge.js'
import type { Clock } from '../clock.js'
import type { Database } from '../store/database.js'

/** A merge as an administrator sees it. */
export interface Merge {
  readonly id: string
  readonly survivorId: string
  readonly loserId: string
  /** The row of the linking table that it followed. */
  readonly rule: string
  readonly mergedAt: Date
  readonly undoneAt: Date | undefined
}

/** What an administrator may do about merges. */
export function createMerges(deps: { database: Database; clock: Clock; hooks: AccountHooks; undoDays: number }) {
  const { database, clock, hooks, undoDays } = deps
  return {
    /** Merges, the newest first; of one account, on either side, when it is named. */
    async listMerges({ accountId, limit = 50 }: { accountId?: string; limit?: number } = {}): Promise<Merge[]> {
      const rows = await database.db
        .selectFrom('merges')
        .select(['id', 'survivor_id', 'loser_id', 'rule', 'created_at', 'undone_at'])
        .$if(accountId !== undefined, query =>
          query.where(eb => eb.or([eb('survivor_id', '=', accountId ?? ''), eb('loser_id', '=', accountId ?? '')])),
        )
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(row => ({
        id: row.id,
        survivorId: row.survivor_id,
        loserId: row.loser_id,
        rule: row.rule,
        mergedAt: new Date(row.created_at),
        undoneAt: row.undone_at === null ? undefined : new Date(row.undone_at),
      }))
    },

    /**
     * Makes two accounts of one again: identities, sessions and both accounts as they were.
     *
     * @throws UndoRefusedError with the reason; nothing was changed
     */
    undoMerge(mergeId: string): Promise<UndoneMerge> {
      return database.transact(tx => undoMerge(tx, { mergeId, undoDays, now: clock(), hooks }))
    },
  }
}
