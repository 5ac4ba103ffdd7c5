import type { Language, Outcome } from '@mplogin/contract'
import type { Claim } from '../accounts/identity.js'
import type { Profile } from '../accounts/profile.js'
import type { LiveSession, NewSession } from '../sessions/sessions.js'

/** A login whose claims are proven. */
export interface LoginFacts {
  readonly claims: readonly Claim[]
  readonly session: Omit<NewSession, 'accountId' | 'outcome'>
  readonly now: Date
  readonly language: Language
  readonly address?: string | undefined
}

/** Who is signed in. */
export interface SignedIn {
  readonly profile: Profile
  readonly session: LiveSession
  readonly outcome: Outcome
}
