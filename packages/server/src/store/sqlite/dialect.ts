import { type Dialect, SqliteAdapter, type SqliteDatabase, SqliteDialect, SqliteDriver } from 'kysely'

/** What the dialect needs of libsql's `Database`. */
export interface ExecutableDatabase extends SqliteDatabase {
  exec(sql: string): unknown
  readonly inTransaction: boolean
}

/**
 * Begins every transaction IMMEDIATE: a deferred one that upgrades to writing fails with SQLITE_BUSY whatever the time
 * limit. Through `exec`: a prepared statement of libsql's that meets SQLITE_BUSY stays in progress, and no transaction
 * commits after it.
 */
class ImmediateSqliteDriver extends SqliteDriver {
  readonly #database: ExecutableDatabase

  constructor(database: ExecutableDatabase) {
    super({ database: withImmediateWrites(database) })
    this.#database = database
  }

  override async beginTransaction(): Promise<void> {
    this.#database.exec('begin immediate')
  }

  override async commitTransaction(): Promise<void> {
    this.#database.exec('commit')
  }

  override async rollbackTransaction(): Promise<void> {
    // SQLite has rolled back by itself after some failures, such as a full disk.
    if (this.#database.inTransaction) this.#database.exec('rollback')
  }
}

/** SQLite's DDL is transactional: with it, the IMMEDIATE transaction around all migrations is also their lock. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** Kysely's SQLite dialect for several processes on one file. */
export function createSqliteDialect(database: ExecutableDatabase): Dialect {
  const base = new SqliteDialect({ database })
  return {
    createDriver: () => new ImmediateSqliteDriver(database),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createQueryCompiler: () => base.createQueryCompiler(),
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
