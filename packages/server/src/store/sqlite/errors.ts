import type { DatabaseFailure } from '../failure-kind.js'

const unavailable = [
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_IOERR',
  'SQLITE_FULL',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
  'SQLITE_NOTADB',
  'SQLITE_CORRUPT',
  'SQLITE_PROTOCOL',
]

/** What kind of failure a SQLite error is: https://www.sqlite.org/rescode.html */
export function classifySqliteError(error: { code?: unknown; message?: unknown }): DatabaseFailure | undefined {
  const { code } = error
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return undefined
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return 'conflict'
  // Extended codes append to the primary one, as in SQLITE_IOERR_WRITE.
  return unavailable.some(known => code === known || code.startsWith(`${known}_`)) ? 'unavailable' : undefined
}
