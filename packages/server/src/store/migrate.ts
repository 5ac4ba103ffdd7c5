import { type Migration, Migrator, sql } from 'kysely'
import type { Database, Db } from './database.js'
import { migrationLockTable, migrationTable } from './migration-tables.js'
import { migrations as ours } from './migrations/index.js'
import { makeUndoable } from './mysql/undoable-migrations.js'

/** The database was written by a newer mplogin, or a migration failed. Nothing was changed. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/**
 * Brings the schema up to date under a lock, all or nothing; many processes may start at once.
 *
 * @param migrations by name; the program's own unless a test says otherwise
 * @returns the names of the migrations that this call applied
 * @throws MigrationError when a migration fails, or when the database is of a newer version
 */
export function migrate(database: Database, migrations: Readonly<Record<string, Migration>> = ours): Promise<string[]> {
  return database.unhurried(async db => {
    await assertKnown(db, migrations)
    const undoable = database.kind === 'mysql' ? makeUndoable(migrations) : { ...migrations }
    const provider = { getMigrations: async () => undoable }
    const { error, results = [] } = await new Migrator({
      db,
      provider,
      migrationTableName: migrationTable,
      migrationLockTableName: migrationLockTable,
    }).migrateToLatest()
    if (error) {
      // Migrated by a newer version between our look and our turn.
      await assertKnown(db, migrations)
      const failed = results.find(result => result.status === 'Error')?.migrationName
      const what = failed === undefined ? 'migrating the database' : `migration ${failed}`
      throw new MigrationError(
        `${what} failed and was taken back; nothing was changed: mend the cause and start again`,
        {
          cause: error,
        },
      )
    }
    return results.filter(result => result.status === 'Success').map(result => result.migrationName)
  })
}

/** @throws MigrationError when the schema is not the one of this program */
export async function assertMigrated(database: Database): Promise<void> {
  await assertKnown(database.db, ours)
  const applied = await readApplied(database.db)
  const missing = Object.keys(ours).filter(name => !applied.includes(name))
  if (missing.length > 0)
    throw new MigrationError(
      `the database is not of this version (it lacks ${missing.join(', ')}); run mplogin migrate first`,
    )
}

async function assertKnown(db: Db, migrations: Readonly<Record<string, Migration>>): Promise<void> {
  const unknown = (await readApplied(db)).filter(name => !Object.hasOwn(migrations, name))
  if (unknown.length > 0) {
    throw new MigrationError(
      `the database was migrated by a newer mplogin (it has ${unknown.join(', ')}); nothing was changed: install that version or a later one`,
    )
  }
}

async function readApplied(db: Db): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(table => table.name === migrationTable)) return []
  const applied = await sql<{ name: string }>`select name from ${sql.table(migrationTable)}`.execute(db)
  return applied.rows.map(row => row.name)
}
