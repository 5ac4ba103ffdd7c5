import type { DatabaseFailure } from '../failure-kind.js'

/** SQLSTATEs after which deciding again may succeed. */
const conflicts = new Set([
  '23505', // unique_violation
  '40001', // serialization_failure
  '40P01', // deadlock_detected
])

/** Classes (two characters) and states of a database that cannot serve now. */
const unavailable = [
  '08', // connection exceptions
  '25006', // read_only_sql_transaction: a replica, or a primary that was demoted
  '28', // the password or the user is refused
  '3D000', // the database is gone
  '53', // disk full, out of memory, too many connections
  '55P03', // lock_not_available
  '55006', // the database is in use by an operation on it
  '57', // shut down, crashed, starting, cancelled by a time limit
  '58', // the server's own input and output
  'XX001', // data corrupted
  'XX002',
]

/** What kind of failure a PostgreSQL error is: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export function classifyPostgresError(error: { code?: unknown; severity?: unknown }): DatabaseFailure | undefined {
  const { code, severity } = error
  if (typeof code !== 'string' || typeof severity !== 'string') return undefined
  if (conflicts.has(code)) return 'conflict'
  return unavailable.some(known => code.startsWith(known)) ? 'unavailable' : undefined
}

/** Whether the connection of this error is worth keeping: another one may reach a server that takes writes. */
export function endsConnection({ code }: { code?: unknown }): boolean {
  return typeof code === 'string' && (code === '25006' || code.startsWith('08') || code.startsWith('57P'))
}
