import { setTimeout as delay } from 'node:timers/promises'
import {
  type Dialect,
  type SelectModifierNode,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  SqliteQueryCompiler,
} from 'kysely'

/** What the dialect needs of libsql's `Database`. */
export interface ExecutableDatabase extends SqliteDatabase {
  exec(sql: string): unknown
  readonly inTransaction: boolean
}

/** How long a transaction waits for the lock of another process. */
export interface SqliteDialectOptions {
  readonly lockWaitMs: number
}

/** Attempts to get the lock are this far apart, at random. */
const maxLockPauseMs = 5

/**
 * Begins every transaction IMMEDIATE: a deferred one that upgrades to writing fails with SQLITE_BUSY whatever the time
 * limit. Through `exec`: a prepared statement of libsql's that meets SQLITE_BUSY stays in progress, and no transaction
 * commits after it. While another process holds the lock, the event loop goes on.
 */
class ImmediateSqliteDriver extends SqliteDriver {
  readonly #database: ExecutableDatabase
  readonly #lockWaitMs: number

  constructor(database: ExecutableDatabase, { lockWaitMs }: SqliteDialectOptions) {
    super({ database: withImmediateWrites(database) })
    this.#database = database
    this.#lockWaitMs = lockWaitMs
  }

  override async beginTransaction(): Promise<void> {
    const until = performance.now() + this.#lockWaitMs
    for (;;) {
      try {
        this.#database.exec('begin immediate')
        return
      } catch (error) {
        if (!isBusy(error) || performance.now() > until) throw error
        await delay(Math.random() * maxLockPauseMs)
      }
    }
  }

  override async commitTransaction(): Promise<void> {
    this.#database.exec('commit')
  }

  override async rollbackTransaction(): Promise<void> {
    // SQLite has rolled back by itself after some failures, such as a full disk.
    if (this.#database.inTransaction) this.#database.exec('rollback')
  }
}

function isBusy(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')
}

/** SQLite's DDL is transactional: with it, the IMMEDIATE transaction around all migrations is also their lock. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

const lockModifiers = ['ForUpdate', 'ForShare', 'SkipLocked']

/** A transaction holds the only lock there is: `for update` and `for share` have nothing to add. */
class LocklessSqliteQueryCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (!lockModifiers.includes(node.modifier ?? '')) super.visitSelectModifier(node)
  }
}

/** Kysely's SQLite dialect for several processes on one file. */
export function createSqliteDialect(database: ExecutableDatabase, options: SqliteDialectOptions): Dialect {
  const base = new SqliteDialect({ database })
  return {
    createDriver: () => new ImmediateSqliteDriver(database, options),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createQueryCompiler: () => new LocklessSqliteQueryCompiler(),
    createIntrospector: db => base.createIntrospector(db),
  }
}

/** Gives a write outside a transaction one of its own, so that it too can meet SQLITE_BUSY only where it begins. */
function withImmediateWrites(database: ExecutableDatabase): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql)
      if (statement.reader || database.inTransaction) return statement
      return {
        reader: false,
        all: parameters => statement.all(parameters),
        iterate: parameters => statement.iterate(parameters),
        run(parameters) {
          database.exec('begin immediate')
          try {
            const result = statement.run(parameters)
            database.exec('commit')
            return result
          } catch (error) {
            if (database.inTransaction) database.exec('rollback')
            throw error
          }
        },
      }
    },
  }
}
