import { decideLink, type LinkDecision } from '../accounts/decide-link.js'
import type { Owners } from '../accounts/find-owners.js'
import type { LinkPolicy } from '../accounts/link-policy.js'
import type { LiveSession, ReturningBeginning, Sessions } from '../sessions/sessions.js'
import { createBatch } from '../store/batch.js'
import type { Database } from '../store/database.js'
import type { LoginFacts, SignedIn } from './login-facts.js'

/** Logins that may arrive at the same moment before the cap of sessions is looked at, under a lock. */
const parallelLogins = 10

/**
 * The login of a person who comes back with nothing new: one read and one write (and those that end the session unused
 * longest, where there are as many as may be), each shared with whoever else comes in the same turn. The write begins the session only if the account is still what was read; what was merged, moved,
 * undone or deleted in between is left to the careful way.
 */
export function createReturning(deps: {
  database: Database
  sessions: Sessions
  policy: LinkPolicy
  sessionsPerAccount: number
}) {
  const { database, sessions, policy, sessionsPerAccount } = deps
  const start = createBatch<ReturningBeginning, LiveSession | undefined>({
    run: beginnings => sessions.startReturning(database, beginnings),
  })
  const startAtCap = createBatch<ReturningBeginning, LiveSession | undefined>({
    run: beginnings => sessions.startReturningAtCap(database, beginnings),
  })

  /** Undefined when there is more to do than to begin a session. */
  return async function signInReturning(
    { claims, session, now }: LoginFacts,
    { owners, relabel }: Owners,
  ): Promise<SignedIn | undefined> {
    const [owner] = owners
    if (!owner || owners.length > 1 || relabel.length > 0) return undefined
    if (!changesNothing(decideLink({ claims, owners, now }, policy))) return undefined
    const beginning = { ...session, accountId: owner.id, outcome: 'existing' as const }
    const mayExceed = owner.liveSessions + parallelLogins > sessionsPerAccount
    const started = await (mayExceed ? startAtCap : start)({ session: beginning, version: owner.version, now })
    return started && { profile: owner.profile, session: started, outcome: 'existing' }
  }
}

function changesNothing(decision: LinkDecision): boolean {
  return decision.kind === 'proceed' && decision.outcome === 'existing'
}
