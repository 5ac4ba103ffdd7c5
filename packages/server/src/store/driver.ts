import type { Kysely, KyselyConfig, Transaction } from 'kysely'
import type { Schema } from './schema.js'

/** Where queries run: the database itself, or a transaction on it. */
export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

/** A statement that a database was asked. */
export interface Statement {
  readonly sql: string
  /** They hold what people are known by: for tests and debugging, never for a log. */
  readonly parameters: readonly unknown[]
  readonly durationMs: number
}

/** How a database is opened. */
export interface DatabaseOptions {
  /** Told of every statement, once it was answered or has failed. */
  readonly onStatement?: (statement: Statement) => void
}

/** How a pool of connections is used; no time limit when it is 0. */
export interface PoolLimits {
  readonly size: number
  readonly queryTimeoutMs: number
}

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

/** Kysely's way to tell of statements. */
export function statementLog({ onStatement }: DatabaseOptions): Pick<KyselyConfig, 'log'> {
  if (!onStatement) return {}
  return {
    log: ({ query: { sql, parameters }, queryDurationMillis: durationMs }) =>
      onStatement({ sql, parameters, durationMs }),
  }
}

/** Runs work on a handle, and closes it. */
export async function useOnce<T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  try {
    return await work(db)
  } finally {
    // A server that does not answer does not say goodbye either: what work failed with is what counts.
    await db.destroy().catch(() => {})
  }
}
