import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import type { ServerAddress } from '../database-url.js'
import { type DatabaseOptions, type Db, type Driver, type PoolLimits, statementLog, useOnce } from '../driver.js'
import { DatabaseUnavailableError } from '../failure-kind.js'
import type { Schema } from '../schema.js'
import { tlsOptions } from '../tls.js'
import { endsConnection } from './errors.js'

/** A transaction that stands still this long belongs to a process that hangs; the server ends it, and its locks. */
const idleInTransactionMs = 30_000

/** Instants and counts are bigint: they fit a JavaScript number. */
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/** Opens PostgreSQL, or what speaks its protocol; connections are made when they are needed. */
export function openPostgres(address: ServerAddress, options: DatabaseOptions): Driver {
  const db = openPool(address, options, { size: address.poolSize, queryTimeoutMs: address.queryTimeoutMs })
  return {
    kind: 'postgres',
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
  const pool = new pg.Pool({
    host,
    port,
    user,
    password,
    database,
    ssl: tlsOptions(address),
    max: size,
    connectionTimeoutMillis: connectTimeoutMs,
    ...(queryTimeoutMs > 0 && { query_timeout: queryTimeoutMs + 1000 }),
    keepAlive: true,
    application_name: 'mplogin',
    types,
  })
  // A connection that breaks while nobody uses it leaves the pool; without a listener it would end the process.
  pool.on('error', () => {})
  // So would one that breaks between two statements of a transaction; the next statement finds it broken.
  pool.on('connect', client => client.on('error', () => {}))
  // As statements, since poolers refuse parameters of the connection that they do not know.
  const setup = `set session characteristics as transaction isolation level read committed; set statement_timeout = ${queryTimeoutMs}; set idle_in_transaction_session_timeout = ${queryTimeoutMs > 0 ? idleInTransactionMs : 0}`
  const dialect = new PostgresDialect({ pool: guardPool(pool, setup) })
  return new Kysely<Schema>({ dialect, ...statementLog(options) })
}

/** A pool whose connections are set up, whose failures say that the database is out of reach, and that forgets broken connections. */
function guardPool(pool: pg.Pool, setup: string): PostgresPool {
  const guarded = new WeakMap<pg.PoolClient, PostgresPoolClient>()
  return {
    async connect() {
      const client = await pool.connect().catch(fail)
      const known = guarded.get(client)
      if (known) return known
      try {
        await client.query(setup)
      } catch (error) {
        client.release(true)
        return fail(error)
      }
      const created = guardClient(client)
      guarded.set(client, created)
      return created
    },
    end: () => pool.end(),
  }
}

function guardClient(client: pg.PoolClient): PostgresPoolClient {
  let isBroken = false
  const query = async (sql: string, parameters: unknown[]) => {
    // The statement that ran out of time still occupies it: a rollback would wait behind it.
    if (isBroken) throw new DatabaseUnavailableError('the connection to PostgreSQL broke')
    try {
      return await client.query(sql, parameters)
    } catch (error) {
      isBroken ||= !(error instanceof pg.DatabaseError) || endsConnection(error)
      // They quote the row's values, which no log may hold.
      if (error instanceof pg.DatabaseError) for (const field of ['detail', 'where'] as const) delete error[field]
      return fail(error)
    }
  }
  return { query: query as unknown as PostgresPoolClient['query'], release: () => client.release(isBroken) }
}

/** What the server answered is handed on; anything else means that it did not answer. */
function fail(error: unknown): never {
  if (error instanceof pg.DatabaseError || error instanceof TypeError) throw error
  throw new DatabaseUnavailableError('PostgreSQL does not answer', { cause: error })
}
