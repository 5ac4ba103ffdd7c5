import { ConfigError } from '../config/config-error.js'
import type { Config } from '../config/read-config.js'
import { createKeyring, type Keyring } from '../keyring.js'
import { openCurrentSecret } from '../ops/current-secret.js'
import { type Database, openDatabase } from '../store/database.js'
import { assertMigrated, migrate } from '../store/migrate.js'

/** Opens the database that the settings name, migrated, with its keys, for as long as `work` takes. */
export function withDatabase<T>(
  config: Config,
  work: (database: Database, keyring: Keyring) => Promise<T>,
): Promise<T> {
  assertSharedSecret(config)
  return withOpen(config, async database => {
    await migrate(database)
    const keyring = createKeyring(config.secrets)
    await openCurrentSecret(database, keyring, new Date())
    return work(database, keyring)
  })
}

/** Opens a database that is migrated already, for work that needs no keys. */
export function withMigratedDatabase<T>(config: Config, work: (database: Database) => Promise<T>): Promise<T> {
  return withOpen(config, async database => {
    await assertMigrated(database)
    return work(database)
  })
}

async function withOpen<T>({ values }: Config, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(values.DATABASE_URL)
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** A secret made on the spot would be the database's for good, and its servers have another one. */
function assertSharedSecret({ sources, values }: Config): void {
  if (sources.MPLOGIN_SECRET !== 'generated' || values.DATABASE_URL.startsWith('sqlite:')) return
  const expected = 'the secret of the servers that work on this database'
  throw new ConfigError([{ key: 'MPLOGIN_SECRET', found: 'nothing', expected }])
}
