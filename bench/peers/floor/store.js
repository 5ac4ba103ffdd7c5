import { openMysql } from './store-mysql.js'
import { openPostgres } from './store-postgres.js'
import { openSqlite } from './store-sqlite.js'

/**
 * The users of the floor, one statement a login, in the database that the URL names. Each store has
 * `migrate()`, `signIn(user)` (the row, with is_new) and `find(id)`.
 */
export function openStore(url) {
  if (url.startsWith('postgres')) return openPostgres(url)
  if (url.startsWith('mysql')) return openMysql(url)
  return openSqlite(url.slice('sqlite:'.length))
}
