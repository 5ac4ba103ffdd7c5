import { Kysely, type MysqlPool, type MysqlPoolConnection } from 'kysely'
import mysql from 'mysql2'
import type { ServerAddress } from '../database-url.js'
import { type DatabaseOptions, type Db, type Driver, type PoolLimits, statementLog, useOnce } from '../driver.js'
import { DatabaseUnavailableError } from '../failure-kind.js'
import type { Schema } from '../schema.js'
import { tlsOptions } from '../tls.js'
import { createMysqlDialect } from './dialect.js'
import { endsConnection } from './errors.js'

/** Longer than any transaction of ours takes. */
const lockWaitSeconds = 5
/** Strict, so that nothing is cut to fit; without NO_BACKSLASH_ESCAPES, which would void the driver's escaping. */
const sqlMode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION'
const setup = [
  `set session sql_mode = '${sqlMode}', session innodb_lock_wait_timeout = ${lockWaitSeconds}`,
  'set session transaction isolation level read committed',
]

/** Opens MySQL, MariaDB, or what speaks their protocol; connections are made when they are needed. */
export function openMysql(address: ServerAddress, options: DatabaseOptions): Driver {
  const db = openPool(address, options, { size: address.poolSize, queryTimeoutMs: address.queryTimeoutMs })
  return {
    kind: 'mysql',
    db,
    runInTransaction: work => db.transaction().execute(work),
    runStatement: statement => statement(db),
    unhurried: work => useOnce(openPool(address, options, { size: 1, queryTimeoutMs: 0 }), work),
    close: () => db.destroy(),
  }
}

function openPool(address: ServerAddress, options: DatabaseOptions, limits: PoolLimits): Db {
  const { size, queryTimeoutMs } = limits
  const { host, port, user, password, database, connectTimeoutMs } = address
  const ssl = tlsOptions(address)
  const pool = mysql.createPool({
    ...(host.startsWith('/') ? { socketPath: host } : { host, port }),
    user,
    password,
    database,
    // The driver checks the host's name only when it is told to.
    ...(ssl && { ssl: { ...ssl, verifyIdentity: address.sslMode === 'verify-full' } as mysql.SslOptions }),
    connectionLimit: size,
    connectTimeout: connectTimeoutMs,
    charset: 'utf8mb4_bin',
    enableKeepAlive: true,
  })
  const dialect = createMysqlDialect(guardPool(pool, { connectTimeoutMs, queryTimeoutMs }))
  return new Kysely<Schema>({ dialect, ...statementLog(options) })
}

interface Limits {
  connectTimeoutMs: number
  queryTimeoutMs: number
}

/** A pool with a time limit, whose connections are set up, whose failures say that the database is out of reach, and that forgets broken connections. */
function guardPool(pool: mysql.Pool, limits: Limits): MysqlPool {
  const guarded = new WeakMap<mysql.PoolConnection, MysqlPoolConnection>()
  return {
    getConnection(callback) {
      let isOver = false
      let settingUp: mysql.PoolConnection | undefined
      const settle = (error: unknown, connection?: MysqlPoolConnection) => {
        isOver = true
        clearTimeout(timer)
        callback(error, connection as MysqlPoolConnection)
      }
      const timer = setTimeout(() => {
        settingUp?.destroy()
        settle(new DatabaseUnavailableError('no connection to MySQL became free in time'))
      }, limits.connectTimeoutMs)
      pool.getConnection((error, connection) => {
        if (error) return isOver ? undefined : settle(asFailure(error))
        if (isOver) return connection.release()
        const known = guarded.get(connection)
        if (known) return settle(null, known)
        settingUp = connection
        setUp(connection, [...setup], error => {
          if (isOver) return
          if (error) connection.destroy()
          if (error) return settle(asFailure(error))
          const created = guardConnection(connection, limits)
          guarded.set(connection, created)
          settle(null, created)
        })
      })
    },
    end: callback => pool.end(error => callback(error)),
  }
}

function setUp(connection: mysql.PoolConnection, [next, ...rest]: string[], done: (error: unknown) => void): void {
  if (next === undefined) {
    done(null)
    return
  }
  connection.query(next, error => {
    if (error) done(error)
    else setUp(connection, rest, done)
  })
}

function guardConnection(connection: mysql.PoolConnection, { queryTimeoutMs }: Limits): MysqlPoolConnection {
  let isBroken = false
  const query = (sql: string, parameters: unknown[], callback: (error: unknown, result?: unknown) => void) => {
    // The statement that ran out of time still occupies it: a rollback would wait behind it.
    if (isBroken) return callback(new DatabaseUnavailableError('the connection to MySQL broke'))
    const options = { sql, values: parameters, ...(queryTimeoutMs > 0 && { timeout: queryTimeoutMs }) }
    connection.query(options, (error, result) => {
      if (!error) return callback(null, result)
      isBroken ||= !isAnswer(error) || endsConnection(error)
      callback(asFailure(withoutValues(error, parameters)))
    })
  }
  return {
    query: query as unknown as MysqlPoolConnection['query'],
    release: () => (isBroken ? connection.destroy() : connection.release()),
  }
}

/**
 * The driver adds the statement with its values to an error, and MySQL quotes them in its text: openids, nicknames,
 * hashes, which no log may hold.
 */
function withoutValues(error: mysql.QueryError, parameters: readonly unknown[]): object {
  if (!isAnswer(error)) return error
  const text = parameters.length > 0 ? error.message.replace(/'[^']*'/g, "'…'") : error.message
  const { code, errno, sqlState, fatal } = error as mysql.QueryError & { sqlState?: string }
  return Object.assign(new Error(text), { code, errno, sqlState, fatal })
}

/** Whether the server answered at all. */
function isAnswer(error: object): boolean {
  return (
    'sqlState' in error && typeof error.sqlState === 'string' && 'errno' in error && typeof error.errno === 'number'
  )
}

/** What the server answered is handed on; anything else means that it did not answer. */
function asFailure(error: unknown): unknown {
  if (error instanceof TypeError || (typeof error === 'object' && error !== null && isAnswer(error))) return error
  return new DatabaseUnavailableError('MySQL does not answer', { cause: error })
}
