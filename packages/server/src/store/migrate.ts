import { type Kysely, Migrator, sql } from 'kysely'
import { migrations } from './migrations/index.js'
import type { Schema } from './schema.js'

/** The database was written by a newer mplogin, or a migration failed. Nothing was changed. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/**
 * Brings the schema up to date under a lock, all or nothing; many processes may start at once.
 *
 * @returns the names of the migrations that this call applied
 * @throws MigrationError when a migration fails, or when the database is of a newer version
 */
export async function migrate(db: Kysely<Schema>): Promise<string[]> {
  const unknown = await findUnknownMigrations(db)
  if (unknown.length > 0) {
    throw new MigrationError(
      `the database was migrated by a newer mplogin (it has ${unknown.join(', ')}); nothing was changed: install that version or a later one`,
    )
  }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) {
    const failed = results.find(result => result.status === 'Error')?.migrationName
    throw new MigrationError(
      `migration ${failed ?? ''} failed and was rolled back; nothing was changed: mend the cause and start again`.replace(
        '  ',
        ' ',
      ),
      { cause: error },
    )
  }
  return results.filter(result => result.status === 'Success').map(result => result.migrationName)
}

async function findUnknownMigrations(db: Kysely<Schema>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(table => table.name === 'kysely_migration')) return []
  const applied = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  return applied.rows.map(row => row.name).filter(name => !Object.hasOwn(migrations, name))
}
