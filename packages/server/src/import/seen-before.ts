import { createHmac, randomBytes } from 'node:crypto'
import Database from 'libsql'
import type { ImportRow, Problem } from './columns.js'

/**
 * Finds ids, phones, openids and unionids that a file has twice. What was seen lies in a private temporary file of
 * SQLite's, which is gone when the process is, hashed under a key of this run: a file of any length fits in memory, and
 * nothing is left behind.
 *
 * @see https://www.sqlite.org/inmemorydb.html temporary databases
 */
export function createSeenBefore() {
  const key = randomBytes(32)
  const database = new Database('')
  database.exec(
    'pragma journal_mode = off; pragma synchronous = off; create table seen (hash text primary key, line integer) without rowid; begin',
  )
  const insert = database.prepare('insert or ignore into seen values (?, ?)')
  const find = database.prepare('select line from seen where hash = ?')

  return {
    /** What of this row was in an earlier one. */
    check(row: ImportRow): Problem[] {
      return keysOf(row).flatMap(([column, text]) => {
        const hashed = createHmac('sha256', key).update(text).digest('base64url')
        if (insert.run([hashed, row.line]).changes === 1) return []
        const { line } = find.get([hashed]) as { line: number }
        return [{ line: row.line, message: `${column}: the same as in line ${line}` }]
      })
    },
    close(): void {
      database.close()
    },
  }
}

function keysOf({ id, phone, appid, openid, unionid }: ImportRow): [column: string, key: string][] {
  return [
    ...(id === undefined ? [] : [['id', `id ${id}`] as [string, string]]),
    ...(phone === undefined ? [] : [['phone', `phone ${phone.e164}`] as [string, string]]),
    ...(openid === undefined ? [] : [['openid', `openid ${appid} ${openid}`] as [string, string]]),
    // One person in several apps is a row for each.
    ...(unionid === undefined ? [] : [['unionid', `unionid ${appid} ${unionid}`] as [string, string]]),
  ]
}
