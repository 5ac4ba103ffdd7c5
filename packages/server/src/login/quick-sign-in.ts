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
 * and written together with those of the same turn; everything else, and who loses a race twice, goes the careful way.
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

  /** Undefined when there is more to decide, or when others went on winning. */
  return async function signInQuickly(facts: LoginFacts): Promise<SignedIn | undefined> {
    const found = await readOwners(facts)
    if (found.owners.length > 0) return unlessConflict(() => signInReturning(facts, found))
    if (!createsTogether || !isPlain(facts)) return undefined
    const created = await unlessConflict(() => signInNewcomer(facts))
    if (created) return created
    // Who was not the first of their own requests is somebody who comes back by now.
    const winner = await readOwners(facts)
    return unlessConflict(() => signInReturning(facts, winner))
  }
}

/** Whether the unique index alone decides who owns the claims: what may be stored under another name it does not know. */
const isPlain = ({ claims }: LoginFacts) => claims.every(({ aliases = [] }) => aliases.length === 0)

async function unlessConflict<T>(work: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (classifyDatabaseError(error) === 'conflict') return undefined
    throw error
  }
}

export type SignInQuickly = ReturnType<typeof createQuickSignIn>
