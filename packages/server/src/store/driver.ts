import type { Kysely, Transaction } from 'kysely'
import type { Schema } from './schema.js'

/** Where queries run: the database itself, or a transaction on it. */
export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

/** One kind of database, opened. */
export interface Driver {
  readonly kind: 'sqlite' | 'postgres' | 'mysql'
  /** For reading; writes go through `runInTransaction`. */
  readonly db: Db
  /** Runs work in one transaction, once; resolves after its commit. */
  runInTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Runs one writing statement, which is a transaction by itself. */
  runStatement<T>(statement: (db: Db) => Promise<T>): Promise<T>
  /** Runs work on a handle whose statements may take as long as they need. */
  unhurried<T>(work: (db: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Runs work on a handle, and closes it. */
export async function useOnce<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}
