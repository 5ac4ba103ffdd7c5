import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Kysely } from 'kysely'
import Database from 'libsql'
import { type DatabaseOptions, type Db, type Driver, statementLog, useOnce } from '../driver.js'
import { DatabaseOpenError } from '../failure-kind.js'
import type { Schema } from '../schema.js'
import { createSqliteDialect } from './dialect.js'
import { createGroupCommit } from './group-commit.js'

/** How long a writer waits for another process's transaction; ours last a few milliseconds. */
const lockWaitMs = 3000
/** How long one attempt may hold up the event loop; between attempts other requests go on. */
const busyTimeoutMs = 5
/** Opening and migrating hold up nobody. */
const patientBusyTimeoutMs = 30_000

/**
 * Opens (and creates) a SQLite file: write-ahead log, and an fsync at every commit, so that what was answered
 * survives a power cut. One connection reads while the other writes.
 *
 * @param path a file's path, or `:memory:`
 * @throws DatabaseOpenError
 */
export function openSqlite(path: string, options: DatabaseOptions): Driver {
  const writer = openFile(path, options)
  // A database in memory belongs to its one connection.
  const reader = path === ':memory:' ? writer : openFile(path, options, { isReader: true })
  const { run, close: closeWriter } = createGroupCommit(writer)
  return {
    kind: 'sqlite',
    db: reader,
    runInTransaction: run,
    runStatement: run,
    unhurried: work =>
      path === ':memory:'
        ? work(writer)
        : inTurn(() => useOnce(openFile(path, options, { busyMs: patientBusyTimeoutMs }), work)),
    async close() {
      await closeWriter()
      await reader.destroy()
      await writer.destroy()
    },
  }
}

let lastTurn: Promise<unknown> = Promise.resolve()

/** A patient connection holds up the event loop while it waits: it must not wait for another one of this process. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = lastTurn.then(work, work)
  lastTurn = mine.catch(() => {})
  return mine
}

function openFile(
  path: string,
  options: DatabaseOptions,
  { isReader = false, busyMs = busyTimeoutMs }: { isReader?: boolean; busyMs?: number } = {},
): Db {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    const database = new Database(path, { timeout: patientBusyTimeoutMs })
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    // What is deleted is overwritten: a deleted account leaves nothing in the file.
    database.pragma('secure_delete = ON')
    database.pragma(`busy_timeout = ${busyMs}`)
    if (isReader) database.pragma('query_only = ON')
    return new Kysely<Schema>({ dialect: createSqliteDialect(database, { lockWaitMs }), ...statementLog(options) })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DatabaseOpenError(
      `the database ${path} cannot be opened (${reason}); check DATABASE_URL, and who may write there`,
    )
  }
}
