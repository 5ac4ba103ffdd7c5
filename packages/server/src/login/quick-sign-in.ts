import { findOwnersOfMany, type Owners } from '../accounts/find-owners.js'
import type { Claim } from '../accounts/identity.js'
import type { LinkPolicy } from '../accounts/link-policy.js'
import type { Keyring } from '../keyring.js'
import type { Sessions } from '../sessions/sessions.js'
import { createBatch } from '../store/batch.js'
import type { Database } from '../store/database.js'
import { classifyDatabaseError } from '../store/failures.js'
import type { LoginFacts, SignedIn } from './login-facts.js'
import { createNewcomerSignIn } from './newcomers.js'
import { createReturning } from './returning.js'

/**
 * Nearly all logins are of somebody who comes back with nothing new, or of somebody whom nobody knows. They are read
 * and written together with those of the same turn; everything else, and who loses a race, goes the careful way.
 */
export function createQuickSignIn(deps: {
  database: Database
  keyring: Keyring
  sessions: Sessions
  policy: LinkPolicy
  sessionsPerAccount: number
  /** Whether newcomers may be created together: not where a hook of the host runs for each. */
  createsTogether: boolean
}) {
  const { database, createsTogether } = deps
  const readOwners = createBatch<{ claims: readonly Claim[]; now: Date }, Owners>({
    run: requests => findOwnersOfMany(database.db, requests),
  })
  const signInReturning = createReturning(deps)
  const signInNewcomer = createNewcomerSignIn(deps)

  /** Undefined when there is more to decide, or when another request won a race. */
  return async function signInQuickly(facts: LoginFacts): Promise<SignedIn | undefined> {
    const found = await readOwners(facts)
    try {
      if (found.owners.length > 0) return await signInReturning(facts, found)
      return createsTogether ? await signInNewcomer(facts) : undefined
    } catch (error) {
      if (classifyDatabaseError(error) === 'conflict') return undefined
      throw error
    }
  }
}

export type SignInQuickly = ReturnType<typeof createQuickSignIn>
