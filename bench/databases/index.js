import { openMysql } from './mysql.js'
import { openPostgres } from './postgres.js'
import { openSqlite } from './sqlite.js'

/** Opens a kind of database: `address` is a server's URL, or for SQLite the directory to be in. */
export function openDatabaseKind(kind, address) {
  const openers = { postgres: openPostgres, mysql: openMysql, sqlite: openSqlite }
  return openers[kind](address)
}
