import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { parseDatabaseUrl } from './database-url.js'
import type { DatabaseOptions, Db, Driver, Tx } from './driver.js'
import { classifyDatabaseError } from './failures.js'

export type { DatabaseOptions, Db, Statement, Tx } from './driver.js'

/** How often work is decided again after another request won the race; each loss means that somebody else progressed. */
const maxAttempts = 20
/** The pauses between attempts are random, and grow up to this. */
const maxPauseMs = 100

/**
 * Opens the database that the URL names; a server is connected to when it is first asked.
 *
 * @param url `sqlite:PATH` (`sqlite::memory:` for tests), `postgres://…` or `mysql://…` (also MariaDB)
 * @throws DatabaseUrlError when the URL names no supported database · DatabaseOpenError when a file cannot be opened
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}) {
  const { kind, db, runInTransaction, runStatement, unhurried, close } = await openDriver(url, options)

  /**
   * Runs `work` in one transaction; when another request won a race (unique violation, deadlock, a row that changed
   * before it was locked), runs it again from its start, so that it reads the new facts. `work` touches nothing but
   * the transaction.
   */
  async function transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await runInTransaction(work)
      } catch (error) {
        if (classifyDatabaseError(error) !== 'conflict' || attempt === maxAttempts) throw error
        await delay(Math.random() * Math.min(2 ** attempt, maxPauseMs))
      }
    }
  }

  return {
    kind,
    /** For reading. Writes go through `transact`. */
    db,
    transact,
    /** As `transact`, but who loses a race is told so. */
    transactOnce: runInTransaction as <T>(work: (tx: Tx) => Promise<T>) => Promise<T>,
    /** Runs one writing statement, which is a transaction by itself; who lost a race decides again. */
    runStatement: runStatement as <T>(statement: (db: Db) => Promise<T>) => Promise<T>,
    /** Runs long work, such as migrations, on a handle whose statements have no time limit. */
    unhurried: unhurried as <T>(work: (db: Db) => Promise<T>) => Promise<T>,
    /** Resolves when the database answers. */
    ping: async () => void (await sql`select 1`.execute(db)),
    close,
  }
}

export type Database = Awaited<ReturnType<typeof openDatabase>>

/** Loads the driver that is needed, and no other. */
async function openDriver(url: string, options: DatabaseOptions): Promise<Driver> {
  const address = parseDatabaseUrl(url)
  switch (address.kind) {
    case 'sqlite':
      return (await import('./sqlite/open.js')).openSqlite(address.path, options)
    case 'postgres':
      return (await import('./postgres/open.js')).openPostgres(address, options)
    case 'mysql':
      return (await import('./mysql/open.js')).openMysql(address, options)
  }
}
