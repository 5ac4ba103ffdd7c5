import type { TokenPair, User } from './types.js'

/** What the phone keeps of a sign-in. */
export interface Session extends TokenPair {
  readonly user: User
  /** By the phone's own clock, which may be wrong: it is compared with itself only. Milliseconds. */
  readonly receivedAt: number
}

/** A request that one person began never goes on as another's. */
export function isSamePerson(one: Session | undefined, other: Session | undefined): boolean | undefined {
  return one && other && one.user.id === other.user.id
}
