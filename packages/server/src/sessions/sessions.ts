import type { Outcome, Session } from '@mplogin/contract'
import { type Selectable, sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { dayMs } from '../clock.js'
import { buildOnce } from '../store/build-once.js'
import type { Database, Db, Tx } from '../store/database.js'
import {
  type Columns,
  type Given,
  type GivenRow,
  give,
  givenTable,
  insertRows,
  type TableRows,
} from '../store/given-rows.js'
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

/** A session of an account that was there before, as it was read: its version. */
export interface ReturningBeginning extends Beginning {
  readonly version: number
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

  /** The first sessions of accounts, and their rows; they start with the transaction that creates the accounts. */
  function prepareFirst(beginnings: readonly Beginning[]): { sessions: LiveSession[]; rows: TableRows<'sessions'> } {
    const rows = beginnings.map(newRow)
    return { sessions: rows.map(toNew), rows: { table: 'sessions', rows } }
  }

  /**
   * Starts sessions in one statement: of each account that is active, of the given version and not being changed at that
   * moment; undefined for the others. The cap is the caller's to see to.
   */
  async function startReturning(
    database: Database,
    beginnings: readonly ReturningBeginning[],
  ): Promise<(LiveSession | undefined)[]> {
    const rows = beginnings.map(toReturningRow)
    const { json, count } = give(rows)
    const { numAffectedRows } = await database.runStatement(db => insertReturning(db, json, count))
    return begunOf(database.db, rows, numAffectedRows)
  }

  /** As startReturning, of accounts that may have as many sessions as they may: in one transaction those over the cap end. */
  async function startReturningAtCap(
    database: Database,
    beginnings: readonly ReturningBeginning[],
  ): Promise<(LiveSession | undefined)[]> {
    const rows = beginnings.map(toReturningRow)
    const { json, count } = give(rows)
    const now = Math.max(...beginnings.map(beginning => beginning.now.getTime()))
    return database.transactOnce(async tx => {
      const { numAffectedRows } = await insertReturningAlone(tx, json, count)
      const begun = await begunOf(tx, rows, numAffectedRows)
      // Only accounts that are held by now.
      const given = give(rows.filter((_, i) => begun[i]).map(({ id, account_id }) => ({ id, account_id })))
      if (given.count === 0) return begun
      const { rows: surplus } = await selectSurplus(tx, given.json, given.count, now, policy.perAccount)
      if (surplus.length > 0)
        await revoke(
          tx,
          surplus.map(({ id }) => id),
          'session_cap',
          new Date(now),
        )
      return begun
    })
  }

  function toReturningRow(beginning: ReturningBeginning): SessionRow & { version: number } {
    return { ...newRow(beginning), version: beginning.version }
  }

  /** Which of the rows were inserted. */
  async function begunOf(
    db: Db,
    rows: readonly SessionRow[],
    inserted: bigint | undefined,
  ): Promise<(LiveSession | undefined)[]> {
    if (Number(inserted) === rows.length) return rows.map(toNew)
    const ids = rows.map(row => row.id)
    const begun = await db.selectFrom('sessions').select('id').where('id', 'in', ids).execute()
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
    const { json, count } = give(ids.map(id => ({ id })))
    const { rows } = await selectSessions(db, json, count)
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

  return { start, prepareFirst, startReturning, startReturningAtCap, revoke, revokeAll, find, findMany, list, expiryOf }
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

/**
 * Inserts those of the given sessions whose account is active and of their version. It is held still meanwhile; one that
 * is being changed is left out, so that nobody waits for somebody else's.
 */
const insertReturning = buildOnce(2, (db, json: string, count: number) =>
  insertSelected(db, selectReturning(db, { json, count }).forShare('accounts').skipLocked()),
)

/** As insertReturning; and no other session of the account begins until the transaction ends. */
const insertReturningAlone = buildOnce(2, (db, json: string, count: number) =>
  insertSelected(db, selectReturning(db, { json, count }).forUpdate('accounts').skipLocked()),
)

const insertedColumns = Object.keys(sessionColumns) as (keyof SessionRow)[]

function insertSelected(db: Db, selected: ReturnType<typeof selectReturning>) {
  return db.insertInto('sessions').columns(insertedColumns).expression(selected).compile()
}

function selectReturning(db: Db, given: Given) {
  return db
    .selectFrom(givenTable<SessionRow & { version: number }>(db, { ...sessionColumns, version: 'bigint' }, given))
    .innerJoin('accounts', join =>
      join.onRef('accounts.id', '=', 'given.account_id').onRef('accounts.version', '=', 'given.version'),
    )
    .select(insertedColumns.map(column => `given.${column}` as const))
    .where('status', '=', 'active')
}

/** The live sessions over the cap of the accounts of the given ones, which are the last to end. */
const selectSurplus = buildOnce(4, (db, json: string, count: number, nowMs: number, cap: number) => {
  const given = () =>
    givenTable<{ id: string; account_id: string }>(db, { id: 'text', account_id: 'text' }, { json, count })
  const ranked = db
    .selectFrom('sessions')
    .leftJoin(given(), 'given.id', 'sessions.id')
    .where('sessions.account_id', 'in', db.selectFrom(given()).select('given.account_id'))
    .where('revoked_at', 'is', null)
    .where(outlives(nowMs, 'sessions.expires_at'))
    .select(({ fn, ref }) => [
      'sessions.id',
      fn
        .agg<number>('row_number')
        .over(over =>
          over
            .partitionBy('sessions.account_id')
            .orderBy(sql`case when ${ref('given.id')} is null then 1 else 0 end`)
            .orderBy('sessions.last_seen_at', 'desc')
            .orderBy('sessions.id', 'desc'),
        )
        .as('place'),
    ])
  return db.selectFrom(ranked.as('ranked')).select('ranked.id').where('place', '>', cap).compile()
})

/** Those of the given sessions that there are, with the state of their accounts. */
const selectSessions = buildOnce(2, (db, json: string, count: number) =>
  db
    .selectFrom(givenTable<{ id: string }>(db, { id: 'text' }, { json, count }))
    .innerJoin('sessions', 'sessions.id', 'given.id')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .select(['sessions.id', 'account_id', 'status', 'appid', 'generation', 'expires_at', 'revoked_at', 'revoked_why'])
    .compile(),
)

export type Sessions = ReturnType<typeof createSessions>

function liveOf(db: Db, accountId: string, now: Date) {
  return db
    .selectFrom('sessions')
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .where(outlives(now.getTime()))
}
