import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely'

/** Begins every transaction IMMEDIATE: a deferred one that upgrades to writing fails with SQLITE_BUSY whatever the time limit. */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/** SQLite's DDL is transactional: with it, the IMMEDIATE transaction around all migrations is also their lock. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** Kysely's SQLite dialect for several processes on one file. */
export function createSqliteDialect(config: SqliteDialectConfig): Dialect {
  const base = new SqliteDialect(config)
  return {
    createDriver: () => new ImmediateSqliteDriver(config),
    createAdapter: () => new TransactionalSqliteAdapter(),
    createQueryCompiler: () => base.createQueryCompiler(),
    createIntrospector: db => base.createIntrospector(db),
  }
}
