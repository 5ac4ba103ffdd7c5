import type { DatabaseFailure } from '../failure-kind.js'

/** Error numbers after which deciding again may succeed. */
const conflicts = new Set([
  1062, // ER_DUP_ENTRY
  1213, // ER_LOCK_DEADLOCK
  1020, // ER_CHECKREAD: the row changed since it was read (MariaDB)
])

/** Servers and disks that refuse writes: https://mariadb.com/docs/server/reference/error-codes */
const readOnly = new Set([1290, 1792, 1836])
const unavailable = new Set([
  1021, // disk full
  1026, // a file cannot be written
  1030, // the storage engine failed, as when the disk is full
  1037, // out of memory
  1040, // too many connections
  1041, // out of memory
  1044, // access to the database denied
  1045, // user or password refused
  1049, // no such database
  1053, // shutting down
  1047, // the node is not in the cluster
  1114, // table full
  1129, // this host is blocked
  1135, // no thread for the connection
  1158,
  1159,
  1160,
  1161, // network
  1180, // the commit failed
  1203, // too many connections of this user
  1205, // lock wait timeout
  1226, // a limit of this user
  1317, // interrupted
  1927, // connection killed
  1969,
  3024, // time limit of the statement
  3032, // the server is going offline
  3, // error writing a file
  ...readOnly,
])

/** What kind of failure an error of MySQL's or MariaDB's is. */
export function classifyMysqlError(error: { errno?: unknown; sqlState?: unknown }): DatabaseFailure | undefined {
  const { errno, sqlState } = error
  if (typeof errno !== 'number' || typeof sqlState !== 'string') return undefined
  if (conflicts.has(errno)) return 'conflict'
  return unavailable.has(errno) ? 'unavailable' : undefined
}

/** Whether the connection of this error is worth keeping: another one may reach a server that takes writes. */
export function endsConnection({ errno, fatal }: { errno?: unknown; fatal?: unknown }): boolean {
  return fatal === true || (typeof errno === 'number' && (readOnly.has(errno) || errno === 1053 || errno === 1927))
}
