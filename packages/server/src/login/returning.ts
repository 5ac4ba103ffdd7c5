import { decideLink, type LinkDecision } from '../accounts/decide-link.js'
import { findOwnersOfMany, type Owners } from '../accounts/find-owners.js'
import type { Claim } from '../accounts/identity.js'
import type { LinkPolicy } from '../accounts/link-policy.js'
import type { Profile } from '../accounts/profile.js'
import type { LiveSession, NewSession, Sessions } from '../sessions/sessions.js'
import { createBatch } from '../store/batch.js'
import type { Database } from '../store/database.js'
import { classifyDatabaseError } from '../store/failures.js'

/** What a database likes to answer at a time, on a few connections: the rest of the pool is for transactions. */
const readBatch = { maxSize: 32, maxInFlight: 2 }

/** Logins that may arrive at the same moment before the cap of sessions is looked at under a lock. */
const parallelLogins = 10

/** A person who came back. */
export interface Returned {
  readonly profile: Profile
  readonly session: LiveSession
}

/**
 * The login of a person who comes back with nothing new: one read and one write. The write begins the session only if
 * the account is still what was read; what was merged, moved, undone or deleted in between is left to the careful way.
 */
export function createReturning(deps: {
  database: Database
  sessions: Sessions
  policy: LinkPolicy
  sessionsPerAccount: number
}) {
  const { database, sessions, policy, sessionsPerAccount } = deps
  const readOwners = createBatch<{ claims: readonly Claim[]; now: Date }, Owners>({
    ...readBatch,
    run: requests => findOwnersOfMany(database.db, requests),
  })

  /** Undefined when there is more to do than to begin a session, or when another request won a race. */
  return async function signInReturning(
    claims: readonly Claim[],
    session: Omit<NewSession, 'accountId' | 'outcome'>,
    now: Date,
  ): Promise<Returned | undefined> {
    const { owners, relabel } = await readOwners({ claims, now })
    const [owner] = owners
    if (!owner || owners.length > 1 || relabel.length > 0) return undefined
    if (owner.liveSessions + parallelLogins > sessionsPerAccount) return undefined
    if (!changesNothing(decideLink({ claims, owners, now }, policy))) return undefined
    try {
      const started = await sessions.startReturning(
        database,
        { ...session, accountId: owner.id, outcome: 'existing' },
        owner.version,
        now,
      )
      return started && { profile: owner.profile, session: started }
    } catch (error) {
      if (classifyDatabaseError(error) === 'conflict') return undefined
      throw error
    }
  }
}

export type SignInReturning = ReturnType<typeof createReturning>

function changesNothing(decision: LinkDecision): boolean {
  return decision.kind === 'proceed' && decision.outcome === 'existing'
}
