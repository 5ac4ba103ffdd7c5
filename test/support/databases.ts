import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'libsql'
import mysql from 'mysql2/promise'
import pg from 'pg'

/** The databases that the behavioural suite runs on. */
export type DatabaseKind = 'sqlite' | 'postgres' | 'mysql'

/** A database of a test's own. */
export interface TestDatabase {
  readonly kind: DatabaseKind
  readonly url: string
  /** Does something while nobody else can write: every request that needs to waits, and is refused in the end. */
  whileLocked<T>(work: () => Promise<T>): Promise<T>
  /** Removes it with all that is in it; whoever is still connected is cut off. */
  drop(): Promise<void>
}

/** The servers, where Debian's packages put them. */
export const servers = {
  postgres: 'postgres://postgres@127.0.0.1:5432/postgres',
  mysql: 'mysql://root@127.0.0.1:3306/mysql',
} as const

/** The database that this run is about: one of the projects in vitest.config.ts. */
export const databaseKind = (process.env.TEST_DATABASE ?? 'sqlite') as DatabaseKind

/** Makes an empty database. */
export async function createTestDatabase(kind: DatabaseKind = databaseKind): Promise<TestDatabase> {
  if (kind === 'sqlite') {
    const directory = mkdtempSync(join(tmpdir(), 'mplogin-database-'))
    const path = join(directory, 'test.db')
    return {
      kind,
      url: `sqlite:${path}`,
      async whileLocked(work) {
        const blocker = new Database(path, { timeout: 5000 })
        blocker.exec('begin exclusive')
        try {
          return await work()
        } finally {
          blocker.exec('rollback')
          blocker.close()
        }
      },
      drop: async () => rmSync(directory, { recursive: true, force: true }),
    }
  }
  const name = `mplogin_test_${randomBytes(6).toString('hex')}`
  await administer(kind, `create database ${name}`)
  const force = kind === 'postgres' ? ' with (force)' : ''
  const address = serverUrl(kind, name)
  return {
    kind,
    url: `${address}?query_timeout=2`,
    whileLocked: work => whileServerLocked(kind, address, work),
    drop: () => administer(kind, `drop database if exists ${name}${force}`),
  }
}

function serverUrl(kind: keyof typeof servers, database: string): string {
  return servers[kind].replace(/\/\w+$/, `/${database}`)
}

async function whileServerLocked<T>(kind: keyof typeof servers, address: string, work: () => Promise<T>): Promise<T> {
  const connection = await connect(kind, address)
  try {
    if (kind === 'postgres') await connection.query('begin')
    const tables = ['sessions', 'accounts', 'identities']
    await connection.query(
      kind === 'postgres'
        ? `lock table ${tables.join()} in exclusive mode`
        : `lock tables ${tables.map(table => `${table} write`).join()}`,
    )
    return await work()
  } finally {
    await connection.end()
  }
}

/** A connection of the test's own. */
export async function connect(kind: keyof typeof servers, address: string) {
  if (kind === 'mysql') {
    const connection = await mysql.createConnection(address)
    return { query: async (statement: string) => (await connection.query(statement))[0], end: () => connection.end() }
  }
  const client = new pg.Client({ connectionString: address })
  await client.connect()
  return {
    query: async (statement: string) => (await client.query(statement)).rows as unknown,
    end: () => client.end(),
  }
}

/** How long another test may fill the disk of the server (test/support/full-disk.ts). */
const fullDiskMs = 30_000

/** Runs a statement on a server, as its administrator. */
export async function administer(
  kind: keyof typeof servers,
  statement: string,
  address: string = servers[kind],
): Promise<void> {
  const until = Date.now() + fullDiskMs
  for (;;) {
    const connection = await connect(kind, address)
    try {
      await connection.query(statement)
      return
    } catch (error) {
      // PostgreSQL writes out all databases before it makes or drops one, also that of another test whose disk is full just now.
      if (!/checkpoint request failed/.test(String(error)) || Date.now() > until) throw error
    } finally {
      await connection.end()
    }
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

/** Why a database cannot be tested here; undefined when it answers. */
export async function whyMissing(kind: DatabaseKind, address?: string): Promise<string | undefined> {
  if (kind === 'sqlite') return undefined
  const server = address ?? servers[kind]
  try {
    await administer(kind, 'select 1', server)
    return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return `${server}: ${message || code}`
  }
}
