import { SqliteAdapter } from 'kysely'
import type { Tx } from './driver.js'

/** Whether other transactions write while this one runs, so that what it read must be locked before it counts. */
export function hasRivals(tx: Tx): boolean {
  return !(tx.getExecutor().adapter instanceof SqliteAdapter)
}
