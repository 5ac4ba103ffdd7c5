import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Kysely } from 'kysely'
import Database from 'libsql'
import type { Schema } from '../schema.js'
import { createSqliteDialect } from './dialect.js'

/** How long a writer waits for another process's transaction; ours last a few milliseconds. */
const busyTimeoutMs = 3000

/** The file cannot be opened as a database; nothing was changed. */
export class DatabaseOpenError extends Error {
  override readonly name = 'DatabaseOpenError'
}

/**
 * Opens (and creates) a SQLite file: write-ahead log, and an fsync at every commit, so that what was answered
 * survives a power cut.
 *
 * @param path a file's path, or `:memory:`
 * @throws DatabaseOpenError
 */
export function openSqlite(path: string): Kysely<Schema> {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    const database = new Database(path, { timeout: busyTimeoutMs })
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    database.pragma(`busy_timeout = ${busyTimeoutMs}`)
    return new Kysely<Schema>({ dialect: createSqliteDialect(database) })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DatabaseOpenError(
      `the database ${path} cannot be opened (${reason}); check DATABASE_URL, and who may write there`,
    )
  }
}
