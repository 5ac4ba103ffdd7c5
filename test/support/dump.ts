import { readFileSync } from 'node:fs'
import type { Database } from '@mplogin/server'
import { sql } from 'kysely'
import type { TestDatabase } from './databases.js'

/** Everything that is in a database, as text: every row of every table; of SQLite also the bytes of the file. */
export async function dump(database: Database, { kind, url }: TestDatabase): Promise<string> {
  const rows = await database.unhurried(async db => {
    const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
    return Promise.all(tables.map(table => sql`select * from ${sql.table(table.name)}`.execute(db)))
  })
  const text = JSON.stringify(rows.map(result => result.rows))
  return kind === 'sqlite' ? text + readFileSync(url.slice('sqlite:'.length), 'latin1') : text
}
