import { PostgresAdapter, SqliteAdapter, sql } from 'kysely'
import type { Tx } from './driver.js'
import type { Schema } from './schema.js'

/** Whether other transactions write while this one runs, so that what it read must be locked before it counts. */
export function hasRivals(tx: Tx): boolean {
  return !(tx.getExecutor().adapter instanceof SqliteAdapter)
}

/**
 * Waits for its turn to change rows of a table that others share all the time. PostgreSQL's locks of rows let who shares
 * pass who waits, for as long as there are some; its locks of tables are given in the order of asking, as InnoDB's all are.
 */
export async function awaitTurn(tx: Tx, table: keyof Schema & string): Promise<void> {
  if (!(tx.getExecutor().adapter instanceof PostgresAdapter)) return
  await sql`lock table ${sql.table(table)} in exclusive mode`.execute(tx)
}
