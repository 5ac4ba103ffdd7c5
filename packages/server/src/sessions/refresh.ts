import { LoginError } from '../errors.js'
import { writeAudit } from '../ops/audit.js'
import type { Database, Db, Tx } from '../store/database.js'
import { decideRefresh } from './decide-refresh.js'
import type { RefreshTokens } from './refresh-tokens.js'
import type { LiveSession, Sessions } from './sessions.js'

/** What a session row adds for the refresh. */
type RefreshRow = NonNullable<Awaited<ReturnType<typeof readRow>>>

/** How often the compare-and-set is tried again after a parallel refresh won it; each loss moved the generation on. */
const maxAttempts = 20

/**
 * Trades a refresh token for the session in its new generation. Rotation is one compare-and-set: of parallel requests
 * one rotates, the others find its successor.
 *
 * @throws LoginError REFRESH_INVALID not ours, unknown or over · REFRESH_REUSED stolen: the session is revoked ·
 * SESSION_REVOKED it ended before · ACCOUNT_DISABLED
 */
export function createRefresh(deps: { database: Database; sessions: Sessions; refreshTokens: RefreshTokens }) {
  const { database, sessions, refreshTokens } = deps

  return async function refresh(token: string, now: Date): Promise<LiveSession> {
    const claim = refreshTokens.parse(token)
    if (!claim) throw new LoginError('REFRESH_INVALID', 'the refresh token is not one of ours')
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const row = await readRow(database, claim.sessionId)
      if (!row) throw new LoginError('REFRESH_INVALID', 'the session of the refresh token is gone')
      assertUsable(row, now)
      const decision = decideRefresh(
        {
          generation: row.generation,
          rotatedAt: new Date(row.rotated_at),
          lateGeneration: row.late_generation,
          lateCount: row.late_count,
        },
        claim.generation,
        now,
      )
      switch (decision.kind) {
        case 'unknown':
          throw new LoginError('REFRESH_INVALID', 'the refresh token is of a generation that was never given')
        case 'reuse':
          if (!(await endAsReused(row, now))) continue
          throw new LoginError(
            'REFRESH_REUSED',
            `generation ${claim.generation} was presented while ${row.generation} is current`,
          )
        case 'repeat':
          if (decision.late && !(await noteLateRepeat(row, decision.late))) continue
          return toLive(row, row.generation, new Date(row.expires_at))
        case 'rotate': {
          const expiresAt = sessions.expiryOf(new Date(row.created_at), now)
          if (!(await rotate(row, now, expiresAt))) continue
          return toLive(row, row.generation + 1, expiresAt)
        }
      }
    }
    throw new LoginError('SERVICE_UNAVAILABLE', 'the refresh lost too many races', { retryAfterSeconds: 1 })
  }

  /** The compare-and-set of the rotation: false when another request changed the generation first. */
  function rotate(row: RefreshRow, now: Date, expiresAt: Date): Promise<boolean> {
    const change = {
      generation: row.generation + 1,
      rotated_at: now.getTime(),
      last_seen_at: now.getTime(),
      expires_at: expiresAt.getTime(),
    }
    return database.runStatement(db => changeSession(db, row, change))
  }

  function noteLateRepeat(row: RefreshRow, late: { lateGeneration: number; lateCount: number }): Promise<boolean> {
    const change = { late_generation: late.lateGeneration, late_count: late.lateCount }
    return database.runStatement(db => changeSession(db, row, change))
  }

  function endAsReused(row: RefreshRow, now: Date): Promise<boolean> {
    return database.transact(async tx => {
      const ended = await changeSession(tx, row, { revoked_at: now.getTime(), revoked_why: 'refresh_reused' })
      if (ended) {
        const entry = {
          action: 'session.reuse_detected',
          actor: 'system',
          accountId: row.account_id,
          detail: { sessionId: row.id },
        } as const
        await writeAudit(tx, now, [entry])
      }
      return ended
    })
  }
}

export type Refresh = ReturnType<typeof createRefresh>

function assertUsable(row: RefreshRow, now: Date): void {
  if (row.revoked_why === 'refresh_reused')
    throw new LoginError('REFRESH_REUSED', 'the session was ended because a token of it was reused')
  if (row.revoked_at !== null || row.status === 'deleted')
    throw new LoginError('SESSION_REVOKED', 'the session has ended')
  if (row.status === 'disabled') throw new LoginError('ACCOUNT_DISABLED', 'the account is disabled')
  if (row.expires_at <= now.getTime()) throw new LoginError('REFRESH_INVALID', 'the session is over')
}

function readRow({ db }: Database, id: string) {
  return db
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .select([
      'sessions.id',
      'account_id',
      'status',
      'appid',
      'generation',
      'rotated_at',
      'late_generation',
      'late_count',
      'sessions.created_at',
      'expires_at',
      'revoked_at',
      'revoked_why',
    ])
    .where('sessions.id', '=', id)
    .executeTakeFirst()
}

/** Changes a session only if its generation is still the one that was read and it has not ended. */
async function changeSession(
  db: Db | Tx,
  row: RefreshRow,
  change: Partial<
    Pick<
      RefreshRow,
      'generation' | 'rotated_at' | 'late_generation' | 'late_count' | 'expires_at' | 'revoked_at' | 'revoked_why'
    >
  > & {
    last_seen_at?: number
  },
): Promise<boolean> {
  const result = await db
    .updateTable('sessions')
    .set(change)
    .where('id', '=', row.id)
    .where('generation', '=', row.generation)
    .where('late_count', '=', row.late_count)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

function toLive(row: RefreshRow, generation: number, expiresAt: Date): LiveSession {
  return {
    id: row.id,
    accountId: row.account_id,
    accountStatus: row.status,
    appid: row.appid,
    generation,
    expiresAt,
    revokedAt: undefined,
    revokedWhy: undefined,
  }
}
