import type { LogoutRequest, SessionsAnswer } from '@mplogin/contract'
import { deleteAccount } from '../accounts/deletion.js'
import type { AccountHooks } from '../accounts/hooks.js'
import type { Avatars } from '../avatars/avatars.js'
import type { Clock } from '../clock.js'
import { LoginError } from '../errors.js'
import type { AccessTokens } from '../sessions/access-tokens.js'
import type { LiveSession, Sessions } from '../sessions/sessions.js'
import { createBatch } from '../store/batch.js'
import type { Database } from '../store/database.js'
import type { Caller } from './context.js'
import { assertLive, lockCaller, toCaller } from './live-caller.js'

/** What a signed-in person may do with their account and its sessions. */
export function createAccount(deps: {
  database: Database
  clock: Clock
  sessions: Sessions
  accessTokens: AccessTokens
  hooks: AccountHooks
  avatars: Avatars
}) {
  const { database, clock, sessions, accessTokens, hooks, avatars } = deps
  const { db } = database
  const findSession = createBatch<string, LiveSession | undefined>({ run: ids => sessions.findMany(db, ids) })

  /**
   * Who calls: verifies the token and asks the database whether its session still lives, so that a revocation
   * holds at once on every instance.
   *
   * @throws LoginError UNAUTHENTICATED · TOKEN_EXPIRED · SESSION_REVOKED · ACCOUNT_DISABLED
   */
  async function authenticate(accessToken: string): Promise<Caller> {
    const { sessionId } = await accessTokens.verify(accessToken)
    const session = await findSession(sessionId)
    assertLive(session, clock())
    return toCaller(session)
  }

  async function deleteMe({ sessionId }: Caller): Promise<void> {
    const now = clock()
    await database.transact(async tx => {
      const { accountId } = await lockCaller(tx, sessions, sessionId, now)
      await deleteAccount(tx, accountId, { now, hooks })
    })
    void avatars.sweep()
  }

  async function logout({ sessionId }: Caller, { everywhere }: LogoutRequest): Promise<void> {
    const now = clock()
    if (!everywhere) return database.transact(tx => sessions.revoke(tx, [sessionId], 'logout', now))
    await database.transact(async tx => {
      const { accountId } = await lockCaller(tx, sessions, sessionId, now)
      await sessions.revokeAll(tx, accountId, 'logout_everywhere', now)
    })
  }

  async function listSessions({ accountId, sessionId }: Caller): Promise<SessionsAnswer> {
    return { sessions: await sessions.list(db, accountId, sessionId, clock()) }
  }

  /** @throws LoginError NOT_FOUND when it is not a live session of this account */
  async function revokeSession({ accountId }: Caller, id: string): Promise<void> {
    const session = await sessions.find(db, id)
    const isLive = session && !session.revokedAt && session.expiresAt > clock()
    if (!isLive || session.accountId !== accountId) {
      throw new LoginError('NOT_FOUND', 'no such session of this account')
    }
    await database.transact(tx => sessions.revoke(tx, [id], 'revoked_by_user', clock()))
  }

  return { authenticate, deleteMe, logout, listSessions, revokeSession }
}
