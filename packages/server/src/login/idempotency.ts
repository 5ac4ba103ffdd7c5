import { setTimeout as delay } from 'node:timers/promises'
import type { Outcome } from '@mplogin/contract'
import type { Selectable } from 'kysely'
import type { Clock } from '../clock.js'
import { minuteMs } from '../clock.js'
import { LoginError } from '../errors.js'
import type { Keyring } from '../keyring.js'
import { createBatch } from '../store/batch.js'
import { buildOnce } from '../store/build-once.js'
import type { Database, Db, Tx } from '../store/database.js'
import { give, givenTable } from '../store/given-rows.js'
import type { SessionsTable } from '../store/schema.js'

/** How long a repeated login gets the same session. */
const repeatWithinMs = 5 * minuteMs
/** How long we wait for the sibling that spent the code of this same request. */
const siblingWaitMs = 2000
const siblingPollMs = 50

/** What the session row remembers of an idempotent login: keyed hashes. */
export interface LoginAttempt {
  readonly key: string
  readonly codes: string
  /** The same under every secret, since another instance may have begun to use the next one. */
  readonly keys: readonly string[]
  readonly codesUnderAny: readonly string[]
}

type AttemptRow = Pick<
  Selectable<SessionsTable>,
  'id' | 'login_key' | 'login_codes' | 'login_outcome' | 'created_at' | 'revoked_at'
>

/** The session that an earlier try of the same login made. */
export interface RepeatedLogin {
  readonly sessionId: string
  readonly outcome: Outcome
}

/** Repeated logins: the same key and codes within 5 minutes mean the same login. */
export function createIdempotency(deps: { database: Database; keyring: Keyring; clock: Clock }) {
  const { database, keyring, clock } = deps
  const inFlight = new Map<string, Promise<unknown>>()
  const readRow = createBatch<LoginAttempt, AttemptRow | undefined>({
    run: attempts => readRows(database.db, attempts),
  })

  /** What identifies a login; undefined when the client sent no key. */
  function attemptOf(idempotencyKey: string | undefined, codes: readonly string[]): LoginAttempt | undefined {
    if (idempotencyKey === undefined) return undefined
    const keys = keyring.hashes('idempotency', idempotencyKey)
    const codesUnderAny = keyring.hashes('idempotency', codes.join('\n'))
    return { key: keys[0], codes: codesUnderAny[0], keys, codesUnderAny }
  }

  /**
   * The session of an earlier try. One that is older than 5 minutes gives the key free.
   *
   * @throws LoginError IDEMPOTENCY_KEY_REUSED the key was used with other codes · SESSION_REVOKED its session has ended
   */
  async function findRepeated(attempt: LoginAttempt, tx?: Tx): Promise<RepeatedLogin | undefined> {
    const row = tx ? (await readRows(tx, [attempt]))[0] : await readRow(attempt)
    if (!row) return undefined
    if (clock().getTime() - row.created_at > repeatWithinMs) {
      await tx?.updateTable('sessions').set({ login_key: null }).where('id', '=', row.id).execute()
      return undefined
    }
    if (row.login_codes === null || !attempt.codesUnderAny.includes(row.login_codes)) {
      throw new LoginError('IDEMPOTENCY_KEY_REUSED', 'the Idempotency-Key was used with other codes')
    }
    if (row.revoked_at !== null) throw new LoginError('SESSION_REVOKED', 'the session of this login has ended')
    return { sessionId: row.id, outcome: row.login_outcome }
  }

  /** Waits for the session of a sibling process that is answering the same request. */
  async function awaitSibling(attempt: LoginAttempt): Promise<RepeatedLogin | undefined> {
    const rounds = siblingWaitMs / siblingPollMs
    for (let round = 0; round < rounds; round++) {
      const repeated = await findRepeated(attempt)
      if (repeated) return repeated
      await delay(siblingPollMs)
    }
    return undefined
  }

  /** Runs logins of one key one after another within this process: a double tap asks WeChat once. */
  async function oneByOne<T>(attempt: LoginAttempt | undefined, work: () => Promise<T>): Promise<T> {
    if (!attempt) return work()
    const former = inFlight.get(attempt.key)
    const mine = former ? former.then(work, work) : work()
    inFlight.set(attempt.key, mine)
    try {
      return await mine
    } finally {
      if (inFlight.get(attempt.key) === mine) inFlight.delete(attempt.key)
    }
  }

  return { attemptOf, findRepeated, awaitSibling, oneByOne }
}

/** The sessions that logins with the keys of these attempts made. */
async function readRows(db: Db, attempts: readonly LoginAttempt[]): Promise<(AttemptRow | undefined)[]> {
  const { json, count } = give(attempts.flatMap(({ keys }) => keys.map(login_key => ({ login_key }))))
  const { rows } = await selectAttempts(db, json, count)
  return attempts.map(({ keys }) => rows.find(row => row.login_key !== null && keys.includes(row.login_key)))
}

const selectAttempts = buildOnce(2, (db, json: string, count: number) =>
  db
    .selectFrom(givenTable<{ login_key: string }>(db, { login_key: 'text' }, { json, count }))
    .innerJoin('sessions', 'sessions.login_key', 'given.login_key')
    .select(['sessions.id', 'sessions.login_key', 'login_codes', 'login_outcome', 'sessions.created_at', 'revoked_at'])
    .compile(),
)

export type Idempotency = ReturnType<typeof createIdempotency>
