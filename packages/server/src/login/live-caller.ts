import { lockAccounts } from '../accounts/lock-owners.js'
import { LoginError } from '../errors.js'
import type { LiveSession, Sessions } from '../sessions/sessions.js'
import type { Db, Tx } from '../store/database.js'
import { RaceLostError } from '../store/failure-kind.js'
import type { Caller } from './context.js'

/**
 * The session behind a caller, if it lives.
 *
 * @throws LoginError SESSION_REVOKED it has ended, or its account was deleted · ACCOUNT_DISABLED
 */
export function assertLive(session: LiveSession | undefined, now: Date): asserts session is LiveSession {
  if (!session || session.revokedAt || session.accountStatus === 'deleted' || session.expiresAt <= now) {
    throw new LoginError('SESSION_REVOKED', 'the session has ended')
  }
  if (session.accountStatus === 'disabled') throw new LoginError('ACCOUNT_DISABLED', 'the account is disabled')
}

/** Who the holder of a live session is. */
export function toCaller({ accountId, id, appid }: LiveSession): Caller {
  return { accountId, sessionId: id, appid }
}

/**
 * The caller as of this transaction: between the check of the token and now, another request may have merged or deleted
 * the account.
 *
 * @throws as assertLive
 */
export async function readCaller(tx: Db | Tx, sessions: Sessions, sessionId: string, now: Date): Promise<Caller> {
  const session = await sessions.find(tx, sessionId)
  assertLive(session, now)
  return toCaller(session)
}

/**
 * As readCaller, and holds the account still until the transaction ends.
 *
 * @throws as assertLive · RaceLostError when the session changed hands meanwhile: the transaction begins again
 */
export async function lockCaller(tx: Tx, sessions: Sessions, sessionId: string, now: Date): Promise<Caller> {
  const caller = await readCaller(tx, sessions, sessionId, now)
  await lockAccounts(tx, [caller.accountId])
  const held = await readCaller(tx, sessions, sessionId, now)
  if (held.accountId !== caller.accountId) throw new RaceLostError('the account was merged')
  return held
}
