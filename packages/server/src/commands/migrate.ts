import { readConfig } from '../config/read-config.js'
import { openDatabase } from '../store/database.js'
import { migrate } from '../store/migrate.js'

/** `mplogin migrate` */
export async function runMigrate(): Promise<void> {
  const database = await openDatabase(readConfig().values.DATABASE_URL)
  try {
    const applied = await migrate(database)
    const report =
      applied.length === 0 ? 'The schema is up to date.' : applied.map(name => `Applied ${name}.`).join('\n')
    process.stdout.write(`${report}\n`)
  } finally {
    await database.close()
  }
}
