import { type Kysely, type Migration, type QueryExecutorProvider, sql } from 'kysely'
import { migrationTable } from '../migration-tables.js'
import { tableNames } from '../schema.js'

/** Where a migration notes what was there before it, in case its process is killed. */
const journal = 'mplogin_migration_journal'

/** The parts of our tables: `table`, `table.column`, `table#index`. */
type Parts = readonly string[]

/**
 * MySQL commits every statement that changes the schema, so a migration that fails half-way would leave its half
 * behind. These migrations take back what they made when they fail, and what a killed process had made before they
 * begin. They may create tables, columns and indexes, and change no data.
 */
export function makeUndoable(migrations: Readonly<Record<string, Migration>>): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(migrations).map(([name, migration]) => [
      name,
      {
        async up(db: Kysely<unknown>) {
          await undoKilled(db)
          const before = await readParts(db)
          await sql`insert into ${sql.table(journal)} (name, parts) values (${name}, ${JSON.stringify(before)})`.execute(
            db,
          )
          try {
            await migration.up(db)
          } catch (error) {
            await takeBack(db, before)
            throw error
          }
          // The note stays: until the migrator has recorded the migration too, it counts as killed.
        },
      },
    ]),
  )
}

/** Under the migrations' lock, a note of a migration that is not recorded can only be of a process that is gone. */
async function undoKilled(db: Kysely<unknown>): Promise<void> {
  const table = sql.table(journal)
  await sql`create table if not exists ${table} (name varchar(255) not null, parts longtext not null)`.execute(db)
  const { rows } = await sql<{ parts: string }>`select parts from ${table}
    where name not in (select name from ${sql.table(migrationTable)})`.execute(db)
  for (const { parts } of rows) await takeBack(db, JSON.parse(parts) as Parts)
  await sql`delete from ${table}`.execute(db)
}

async function takeBack(db: Kysely<unknown>, before: Parts): Promise<void> {
  const made = (await readParts(db)).filter(part => !before.includes(part))
  const tables = made.filter(part => /^\w+$/.test(part))
  // Later tables refer to earlier ones.
  await sql`set session foreign_key_checks = 0`.execute(db)
  for (const table of tables) await sql`drop table ${sql.table(table)}`.execute(db)
  await sql`set session foreign_key_checks = 1`.execute(db)
  for (const part of made) {
    const [, table = '', mark, name = ''] = /^(\w+)([.#])(\w+)$/.exec(part) ?? []
    if (table === '' || tables.includes(table)) continue
    const what = mark === '#' ? sql`index` : sql`column`
    await sql`alter table ${sql.table(table)} drop ${what} ${sql.ref(name)}`.execute(db)
  }
  await sql`delete from ${sql.table(journal)}`.execute(db)
}

/** What there is of our tables. */
export async function readParts(db: QueryExecutorProvider): Promise<Parts> {
  const ours = sql.join(tableNames)
  const { rows } = await sql<{ part: string }>`
    select table_name as part from information_schema.tables
      where table_schema = database() and table_name in (${ours})
    union all select concat(table_name, '#', index_name) from information_schema.statistics
      where table_schema = database() and table_name in (${ours}) and index_name <> 'PRIMARY'
    union all select concat(table_name, '.', column_name) from information_schema.columns
      where table_schema = database() and table_name in (${ours})`.execute(db)
  return [...new Set(rows.map(row => row.part))]
}
