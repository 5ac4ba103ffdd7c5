import { setTimeout as delay } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import { classifyDatabaseError } from './failures.js'
import type { Schema } from './schema.js'
import { openSqlite } from './sqlite/open.js'

/** Where queries run: the database itself, or a transaction on it. */
export type Db = Kysely<Schema>
export type Tx = Transaction<Schema>

/** How often work is decided again after another request won the race; each loss means that somebody else progressed. */
const maxAttempts = 10

/**
 * Opens the database that the URL names.
 *
 * @param url `sqlite:PATH` (`sqlite::memory:` for tests)
 * @throws TypeError when the URL names no supported database
 */
export function openDatabase(url: string) {
  const db = openByScheme(url)

  /**
   * Runs `work` in one transaction; when another request won a race (unique violation, deadlock), runs it again from
   * its start, so that it reads the new facts. `work` touches nothing but the transaction.
   */
  async function transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await db.transaction().execute(work)
      } catch (error) {
        if (classifyDatabaseError(error) !== 'conflict' || attempt === maxAttempts) throw error
        await delay(Math.random() * 5 * attempt)
      }
    }
  }

  return {
    db,
    transact,
    /** Resolves when the database answers. */
    ping: async () => void (await sql`select 1`.execute(db)),
    close: () => db.destroy(),
  }
}

export type Database = ReturnType<typeof openDatabase>

function openByScheme(url: string): Db {
  const scheme = url.slice(0, url.indexOf(':'))
  if (scheme === 'sqlite') {
    const path = url.slice('sqlite:'.length).replace(/^\/\//, '')
    if (path === '') throw new TypeError('DATABASE_URL names no file: expected sqlite:PATH')
    return openSqlite(path)
  }
  throw new TypeError(
    `DATABASE_URL has the scheme ${JSON.stringify(scheme)}, which this version does not support: expected sqlite:PATH`,
  )
}
