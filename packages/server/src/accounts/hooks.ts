import type { Tx } from '../store/database.js'

/**
 * What a host application does in the same transaction when accounts change, such as moving its own rows that are in
 * the same database. A hook that throws takes everything back, and the request fails. When another request wins a race
 * the transaction, and the hook in it, run again: a hook touches nothing but `tx`.
 */
export interface AccountHooks {
  readonly onAccountCreated?: (tx: Tx, event: { readonly accountId: string }) => Promise<void>
  /** `loserId` is a tombstone of `survivorId` from now on. */
  readonly onAccountsMerged?: (
    tx: Tx,
    event: { readonly mergeId: string; readonly survivorId: string; readonly loserId: string },
  ) => Promise<void>
  /** An administrator undid a merge: `loserId` is an account of its own again. */
  readonly onMergeUndone?: (
    tx: Tx,
    event: { readonly mergeId: string; readonly survivorId: string; readonly loserId: string },
  ) => Promise<void>
  /** Personal fields and identities are erased in this transaction. */
  readonly onAccountDeleted?: (tx: Tx, event: { readonly accountId: string }) => Promise<void>
}
