import type { Outcome, Session } from '@mplogin/contract'
import type { Selectable } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { dayMs } from '../clock.js'
import { buildOnce } from '../store/build-once.js'
import type { Database, Db, Tx } from '../store/database.js'
import { type Columns, type GivenRow, give, givenTable, insertRows } from '../store/given-rows.js'
import { outlives } from '../store/outlives.js'
import type { AccountStatus, RevokedWhy, SessionsTable } from '../store/schema.js'

/** How long sessions live, and how many an account may have. */
export interface SessionPolicy {
  /** Days without a refresh after which a session ends. */
  readonly refreshTtlDays: number
  /** Days after which a session ends, however often it was refreshed. */
  readonly maxDays: number
  /** Live sessions an account may have; the one unused longest goes. */
  readonly perAccount: number
}

/** What a login stores of its request. */
export interface NewSession {
  accountId: string
  appid: string
  outcome: Outcome
  device: string | undefined
  address: string | undefined
  /** Keyed hashes of the Idempotency-Key and of the request's codes. */
  idempotency: { key: string; codes: string } | undefined
}

/** A session that begins. */
export interface Beginning {
  readonly session: NewSession
  readonly now: Date
}

/** What a login writes into the table. */
type SessionRow = GivenRow<
  Omit<Selectable<SessionsTable>, 'late_generation' | 'late_count' | 'revoked_at' | 'revoked_why'>
>

/** A session as the use cases need it, with the state of its account. */
export interface LiveSession {
  readonly id: string
  readonly accountId: string
  readonly accountStatus: AccountStatus
  readonly appid: string
  readonly generation: number
  readonly expiresAt: Date
  readonly revokedAt: Date | undefined
  readonly revokedWhy: RevokedWhy | undefined
}

/** The rows behind the tokens: one for each login of a device. */
export function createSessions(policy: SessionPolicy) {
  /** When a session that is used now ends: the sliding limit, within the absolute one. */
  function expiryOf(createdAt: Date, now: Date): Date {
    return new Date(
      Math.min(now.getTime() + policy.refreshTtlDays * dayMs, createdAt.getTime() + policy.maxDays * dayMs),
    )
  }

  /** Starts a session within a transaction; over the cap, the one unused longest ends. */
  async function start(tx: Tx, session: NewSession, now: Date): Promise<LiveSession> {
    const row = newRow({ session, now })
    await insertRows(tx, 'sessions', [row])
    await endSurplus(tx, session.accountId, row.id, now)
    return toNew(row)
  }

  /** Starts the first sessions of accounts, within the transaction that creates them. */
  async function startFirst(tx: Tx, beginnings: readonly Beginning[]): Promise<LiveSession[]> {
    const rows = beginnings.map(newRow)
    await insertRows(tx, 'sessions', rows)
    return rows.map(toNew)
  }

  /**
   * Starts sessions in one statement: of each account that is active, of the given version and not being changed at that
   * moment; undefined for the others. The cap is the caller's to see to.
   */
  async function startReturning(
    database: Database,
    beginnings: readonly (Beginning & { readonly version: number })[],
  ): Promise<(LiveSession | undefined)[]> {
    const rows = beginnings.map(beginning => ({ ...newRow(beginning), version: beginning.version }))
    const { json, count } = give(rows)
    const { numAffectedRows } = await database.runStatement(db => insertReturning(db, json, count))
    if (Number(numAffectedRows) === rows.length) return rows.map(toNew)
    const ids = rows.map(row => row.id)
    const begun = await database.db.selectFrom('sessions').select('id').where('id', 'in', ids).execute()
    return rows.map(row => (begun.some(({ id }) => id === row.id) ? toNew(row) : undefined))
  }

  function newRow({ session, now }: Beginning): SessionRow {
    const at = now.getTime()
    return {
      id: uuidv7(),
      account_id: session.accountId,
      appid: session.appid,
      generation: 1,
      rotated_at: at,
      created_at: at,
      last_seen_at: at,
      expires_at: expiryOf(now, now).getTime(),
      device: session.device,
      address: session.address,
      login_key: session.idempotency?.key,
      login_codes: session.idempotency?.codes,
      login_outcome: session.outcome,
    }
  }

  async function endSurplus(tx: Tx, accountId: string, newest: string, now: Date): Promise<void> {
    const live = await liveOf(tx, accountId, now)
      .select('id')
      .where('id', '!=', newest)
      .orderBy('last_seen_at', 'desc')
      .orderBy('id', 'desc')
      .execute()
    const surplus = live.slice(policy.perAccount - 1).map(session => session.id)
    if (surplus.length > 0) await revoke(tx, surplus, 'session_cap', now)
  }

  /** Ends sessions; one that has ended already keeps its reason. */
  async function revoke(tx: Tx, ids: readonly string[], why: RevokedWhy, now: Date): Promise<void> {
    await tx
      .updateTable('sessions')
      .set({ revoked_at: now.getTime(), revoked_why: why })
      .where('id', 'in', ids)
      .where('revoked_at', 'is', null)
      .execute()
  }

  /** Ends every session of an account. */
  async function revokeAll(tx: Tx, accountId: string, why: RevokedWhy, now: Date): Promise<void> {
    await tx
      .updateTable('sessions')
      .set({ revoked_at: now.getTime(), revoked_why: why })
      .where('account_id', '=', accountId)
      .where('revoked_at', 'is', null)
      .execute()
  }

  /** Reads sessions, each with the state of the account that holds it now (after a merge: the survivor). */
  async function findMany(db: Db, ids: readonly string[]): Promise<(LiveSession | undefined)[]> {
    const rows = await db
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
      .select(['sessions.id', 'account_id', 'status', 'appid', 'generation', 'expires_at', 'revoked_at', 'revoked_why'])
      .where('sessions.id', 'in', ids)
      .execute()
    const found = new Map(
      rows.map(row => [
        row.id,
        {
          id: row.id,
          accountId: row.account_id,
          accountStatus: row.status,
          appid: row.appid,
          generation: row.generation,
          expiresAt: new Date(row.expires_at),
          revokedAt: row.revoked_at === null ? undefined : new Date(row.revoked_at),
          revokedWhy: row.revoked_why ?? undefined,
        },
      ]),
    )
    return ids.map(id => found.get(id))
  }

  /** As findMany, of one. */
  async function find(db: Db, id: string): Promise<LiveSession | undefined> {
    return (await findMany(db, [id]))[0]
  }

  /** The live sessions of an account as the API shows them, the last used first. */
  async function list(db: Db, accountId: string, currentId: string, now: Date): Promise<Session[]> {
    const rows = await liveOf(db, accountId, now)
      .selectAll()
      .orderBy('last_seen_at', 'desc')
      .orderBy('id', 'desc')
      .execute()
    return rows.map(row => ({
      id: row.id,
      current: row.id === currentId,
      appid: row.appid,
      device: row.device,
      address: row.address,
      createdAt: new Date(row.created_at).toISOString(),
      lastSeenAt: new Date(row.last_seen_at).toISOString(),
      expiresAt: new Date(row.expires_at).toISOString(),
    }))
  }

  return { start, startFirst, startReturning, revoke, revokeAll, find, findMany, list, expiryOf }
}

function toNew(row: SessionRow): LiveSession {
  return {
    id: row.id,
    accountId: row.account_id,
    accountStatus: 'active',
    appid: row.appid,
    generation: 1,
    expiresAt: new Date(row.expires_at),
    revokedAt: undefined,
    revokedWhy: undefined,
  }
}

const sessionColumns = {
  id: 'text',
  account_id: 'text',
  appid: 'text',
  generation: 'bigint',
  rotated_at: 'bigint',
  created_at: 'bigint',
  last_seen_at: 'bigint',
  expires_at: 'bigint',
  device: 'text',
  address: 'text',
  login_key: 'text',
  login_codes: 'text',
  login_outcome: 'text',
} as const satisfies Columns<SessionRow>

/** Inserts those of the given sessions whose account is active and of their version. */
const insertReturning = buildOnce(2, (db, json: string, count: number) => {
  const columns = Object.keys(sessionColumns) as (keyof SessionRow)[]
  const given = givenTable<SessionRow & { version: number }>(
    db,
    { ...sessionColumns, version: 'bigint' },
    { json, count },
  )
  return db
    .insertInto('sessions')
    .columns(columns)
    .expression(
      db
        .selectFrom(given)
        .innerJoin('accounts', join =>
          join.onRef('accounts.id', '=', 'given.account_id').onRef('accounts.version', '=', 'given.version'),
        )
        .select(columns.map(column => `given.${column}` as const))
        .where('status', '=', 'active')
        // Holds the accounts still; one that is being changed is left out, so that nobody waits for somebody else's.
        .forShare('accounts')
        .skipLocked(),
    )
    .compile()
})

export type Sessions = ReturnType<typeof createSessions>

function liveOf(db: Db, accountId: string, now: Date) {
  return db
    .selectFrom('sessions')
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .where(outlives(now.getTime()))
}
