import { type Kysely, type Migration, sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../../../test/support/databases.js'
import { type Database, openDatabase } from './database.js'
import { MigrationError, migrate } from './migrate.js'
import { migrations } from './migrations/index.js'
import { readParts } from './mysql/undoable-migrations.js'

let test: TestDatabase
let database: Database
beforeEach(async () => {
  test = await createTestDatabase()
  database = await openDatabase(test.url)
})
afterEach(async () => {
  await database.close()
  await test.drop()
})

const parts = async () => {
  const tables = await database.unhurried(db => db.introspection.getTables())
  return tables
    .flatMap(table => table.columns.map(column => `${table.name}.${column.name}`))
    .filter(part => !part.startsWith('mplogin_migration'))
    .sort()
}

/** Makes a column, and an index; then fails, as long as it is told to. */
let isBroken = true
const later: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('accounts').addColumn('rank', 'integer').execute()
    await db.schema.createIndex('accounts_rank').on('accounts').column('rank').execute()
    if (isBroken) await sql`insert into there_is_no_such_table values (1)`.execute(db)
  },
}

describe('migrate', () => {
  it('takes back what a failing migration had made, says what to do, and succeeds once it is mended', async () => {
    await migrate(database)
    const before = await parts()
    isBroken = true
    await expect(migrate(database, { ...migrations, '9999-later': later })).rejects.toThrow(
      'migration 9999-later failed and was taken back; nothing was changed: mend the cause and start again',
    )
    expect(await parts()).toEqual(before)
    isBroken = false
    expect(await migrate(database, { ...migrations, '9999-later': later })).toEqual(['9999-later'])
    expect(await parts()).toEqual([...before, 'accounts.rank'].sort())
  })

  it('takes back a first migration that meets a table of somebody else, and leaves that table alone', async () => {
    await database.unhurried(db => sql`create table merges (of_the_business integer)`.execute(db))
    await expect(migrate(database)).rejects.toThrow(MigrationError)
    expect(await parts()).toEqual(['merges.of_the_business'])
  })

  it('touches nothing in a database of a newer version', async () => {
    await migrate(database, { ...migrations, '9999-later': { up: async () => {} } })
    const before = await parts()
    await expect(migrate(database)).rejects.toThrow('migrated by a newer mplogin (it has 9999-later)')
    expect(await parts()).toEqual(before)
  })

  it.runIf(databaseKind === 'mysql')('takes back what a killed process had made', async () => {
    await migrate(database)
    const before = await parts()
    // As it is when the process dies between the statements of the migration.
    await database.unhurried(async db => {
      const journal = JSON.stringify(await readParts(db))
      await sql`insert into mplogin_migration_journal (name, parts) values ('9999-later', ${journal})`.execute(db)
      await sql`alter table accounts add column rank integer`.execute(db)
    })
    isBroken = false
    expect(await migrate(database, { ...migrations, '9999-later': later })).toEqual(['9999-later'])
    expect(await parts()).toEqual([...before, 'accounts.rank'].sort())
  })

  it.runIf(databaseKind === 'mysql')(
    'begins again after a process was killed before it recorded what it did',
    async () => {
      isBroken = false
      await migrate(database, { ...migrations, '9999-later': later })
      const after = await parts()
      await database.unhurried(db => sql`delete from mplogin_migration where name = '9999-later'`.execute(db))
      expect(await migrate(database, { ...migrations, '9999-later': later })).toEqual(['9999-later'])
      expect(await parts()).toEqual(after)
    },
  )

  it('is done once when several start at the same moment', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => openDatabase(test.url)))
    const applied = await Promise.all([database, ...others].map(each => migrate(each)))
    expect(applied.flat()).toEqual(Object.keys(migrations))
    await Promise.all(others.map(other => other.close()))
  })
})
