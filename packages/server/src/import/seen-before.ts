import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import type { ImportRow, Problem } from './columns.js'

/**
 * Finds ids, phones, openids and unionids that a file has twice. What was seen lies in a temporary file, hashed, so
 * that a file of any length fits in memory.
 */
export function createSeenBefore(hash: (text: string) => string) {
  const directory = mkdtempSync(join(tmpdir(), 'mplogin-import-'))
  const database = new Database(join(directory, 'seen.db'))
  database.exec(
    'pragma journal_mode = off; pragma synchronous = off; create table seen (hash text primary key, line integer) without rowid; begin',
  )
  const insert = database.prepare('insert or ignore into seen values (?, ?)')
  const find = database.prepare('select line from seen where hash = ?')

  return {
    /** What of this row was in an earlier one. */
    check(row: ImportRow): Problem[] {
      return keysOf(row).flatMap(([column, key]) => {
        const hashed = hash(key)
        if (insert.run([hashed, row.line]).changes === 1) return []
        const { line } = find.get([hashed]) as { line: number }
        return [{ line: row.line, message: `${column}: the same as in line ${line}` }]
      })
    },
    close(): void {
      database.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function keysOf({ id, phone, appid, openid, unionid }: ImportRow): [column: string, key: string][] {
  return [
    ...(id === undefined ? [] : [['id', `id ${id}`] as [string, string]]),
    ...(phone === undefined ? [] : [['phone', `phone ${phone.e164}`] as [string, string]]),
    ...(openid === undefined ? [] : [['openid', `openid ${appid} ${openid}`] as [string, string]]),
    ...(unionid === undefined ? [] : [['unionid', `unionid ${unionid}`] as [string, string]]),
  ]
}
