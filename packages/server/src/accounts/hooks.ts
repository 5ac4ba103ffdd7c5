import { sql } from 'kysely'
import { secondMs } from '../clock.js'
import { LoginError } from '../errors.js'
import type { Tx } from '../store/database.js'

/** A hook that takes longer holds up everybody who waits for its rows; in SQLite, every write. */
const timeLimitMs = 3 * secondMs

/**
 * What a host application does in the same transaction when accounts change, such as moving its own rows that are in
 * the same database. A hook that throws takes everything back, and the request fails; so does one that takes longer than 3 seconds. When another request wins a race
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

/** The hooks with a time limit, and with a transaction that refuses them once it is over. */
export function guardHooks(hooks: AccountHooks): Required<AccountHooks> {
  return {
    onAccountCreated: (tx, event) =>
      runHook('onAccountCreated', tx, guarded => hooks.onAccountCreated?.(guarded, event)),
    onAccountsMerged: (tx, event) =>
      runHook('onAccountsMerged', tx, guarded => hooks.onAccountsMerged?.(guarded, event)),
    onMergeUndone: (tx, event) => runHook('onMergeUndone', tx, guarded => hooks.onMergeUndone?.(guarded, event)),
    onAccountDeleted: (tx, event) =>
      runHook('onAccountDeleted', tx, guarded => hooks.onAccountDeleted?.(guarded, event)),
  }
}

async function runHook(name: keyof AccountHooks, tx: Tx, hook: (tx: Tx) => Promise<void> | undefined): Promise<void> {
  let isOver = false
  let hasAsked = false
  const guardedTx = tx.withPlugin({
    transformQuery({ node }) {
      // The connection may be in another transaction by now.
      if (isOver) throw new TypeError(`the transaction of the account hook ${name} is over`)
      hasAsked = true
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const running = hook(guardedTx)
  if (!running) return
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const reason = `the account hook ${name} took longer than ${timeLimitMs} ms`
      reject(new LoginError('SERVICE_UNAVAILABLE', reason, { retryAfterSeconds: 5 }))
    }, timeLimitMs)
  })
  try {
    await Promise.race([running, tooLate])
  } finally {
    isOver = true
    clearTimeout(timer)
    // Statements it began side by side wait for each other: the last of them must not run behind the rollback.
    if (hasAsked) await sql`select 1`.execute(tx).catch(() => {})
  }
}
