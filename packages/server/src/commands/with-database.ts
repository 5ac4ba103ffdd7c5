import type { Config } from '../config/read-config.js'
import { createKeyring, type Keyring } from '../keyring.js'
import { openCurrentSecret } from '../ops/current-secret.js'
import { type Database, openDatabase } from '../store/database.js'
import { migrate } from '../store/migrate.js'

/** Opens the database that the settings name, migrated, with its keys, for as long as `work` takes. */
export async function withDatabase<T>(
  config: Config,
  work: (database: Database, keyring: Keyring) => Promise<T>,
): Promise<T> {
  const database = openDatabase(config.values.DATABASE_URL)
  try {
    await migrate(database)
    const keyring = createKeyring(config.secrets)
    await openCurrentSecret(database, keyring, new Date())
    return await work(database, keyring)
  } finally {
    await database.close()
  }
}
