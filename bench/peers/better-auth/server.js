/** better-auth behind node:http, the lightest of the servers it is mounted in. */
import { createServer } from 'node:http'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { settings } from '../settings.js'
import { auth, pool } from './auth.js'

if (settings.migrates) {
  const { runMigrations } = await getMigrations(auth.options)
  await runMigrations()
  // Its migration has none: each login would read all accounts.
  await pool.query('create index if not exists account_provider on account ("providerId", "accountId")')
}
createServer(toNodeHandler(auth)).listen(settings.port, '127.0.0.1')
