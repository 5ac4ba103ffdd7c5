/**
 * A small model of what the design says of tokens, written from the design alone: it remembers every generation that was
 * ever given, where the service keeps counters.
 */

const secondMs = 1000
const dayMs = 86_400 * secondMs
/** What the design fixes. */
const accessMs = 900 * secondMs
const slidingMs = 30 * dayMs
const absoluteMs = 180 * dayMs
const lateAfterMs = 60 * secondMs
const lateGenerations = 3

/** A signing key, as far as what it signed depends on it. */
interface ModelKey {
  state: 'current' | 'retired' | 'leaked'
}

/** The keys of the service, one after another. */
export class ModelKeys {
  current: ModelKey = { state: 'current' }

  /** Another key signs from now on. */
  rotate(isLeaked: boolean): void {
    this.current.state = isLeaked ? 'leaked' : 'retired'
    this.current = { state: 'current' }
  }
}

/** The two tokens of an answer. */
export interface ModelPair {
  readonly session: ModelSession
  /** Which refresh token of the session this is: 1 is that of the login. */
  readonly generation: number
  readonly accessUntil: number
  readonly key: ModelKey
}

/** What the model expects of a refresh. */
export type ExpectedRefresh =
  | { readonly code: 'OK'; readonly pair: ModelPair; readonly expiresIn: number; readonly refreshExpiresIn: number }
  | { readonly code: 'REFRESH_REUSED' | 'SESSION_REVOKED' | 'REFRESH_INVALID' }

/** One login of one device, with the whole history of its refresh tokens. */
export class ModelSession {
  readonly #startedAt: number
  readonly #generations: { readonly givenAt: number; isAskedLate: boolean }[] = []
  #expiresAt: number
  #end: 'REFRESH_REUSED' | 'SESSION_REVOKED' | undefined

  constructor(now: number) {
    this.#startedAt = now
    this.#expiresAt = now + slidingMs
    this.#give(now)
  }

  /** The generation given last. */
  get newest(): number {
    return this.#generations.length
  }

  get expiresAt(): number {
    return this.#expiresAt
  }

  isLive(now: number): boolean {
    return this.#end === undefined && now < this.#expiresAt
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  revoke(): void {
    this.#end ??= 'SESSION_REVOKED'
  }

  /** Presents a generation: the one that the answer carries, or why there is none. */
  present(generation: number, now: number): number | Exclude<ExpectedRefresh['code'], 'OK'> {
    if (this.#end) return this.#end
    if (now >= this.#expiresAt) return 'REFRESH_INVALID'
    if (generation === this.newest) this.#give(now)
    else if (generation === this.newest - 1) this.#askAgain(now)
    else this.#end = 'REFRESH_REUSED'
    return this.#end ?? this.newest
  }

  #give(now: number): void {
    this.#generations.push({ givenAt: now, isAskedLate: false })
    this.#expiresAt = Math.min(now + slidingMs, this.#startedAt + absoluteMs)
  }

  #askAgain(now: number): void {
    const last = this.#generations.slice(-lateGenerations)
    const given = last.at(-1)
    if (given && now - given.givenAt > lateAfterMs) given.isAskedLate = true
    if (last.length === lateGenerations && last.every(({ isAskedLate }) => isAskedLate)) this.#end = 'REFRESH_REUSED'
  }
}

/** One account and its sessions. */
export class RefreshModel {
  readonly sessions: ModelSession[] = []
  readonly #keys: ModelKeys

  constructor(keys: ModelKeys) {
    this.#keys = keys
  }

  signIn(now: number): ModelPair {
    const session = new ModelSession(now)
    this.sessions.push(session)
    return this.#pair(session, now)
  }

  refresh({ session, generation }: ModelPair, now: number): ExpectedRefresh {
    const answered = session.present(generation, now)
    if (typeof answered === 'string') return { code: answered }
    const pair = this.#pair(session, now)
    const seconds = (until: number) => (until - now) / secondMs
    return {
      code: 'OK',
      pair,
      expiresIn: seconds(pair.accessUntil),
      refreshExpiresIn: seconds(session.expiresAt),
    }
  }

  /**
   * What an access token is answered. Of a token that is over, signed by a former key, the design does not say whether
   * that key is still published: both answers are right.
   */
  access({ session, accessUntil, key }: ModelPair, now: number): string[] {
    if (key.state === 'leaked') return ['UNAUTHENTICATED']
    if (now >= accessUntil) return key.state === 'retired' ? ['TOKEN_EXPIRED', 'UNAUTHENTICATED'] : ['TOKEN_EXPIRED']
    return session.hasEnded ? ['SESSION_REVOKED'] : ['OK']
  }

  logout(pair: ModelPair, now: number, everywhere: boolean): string[] {
    const codes = this.access(pair, now)
    if (codes[0] === 'OK') for (const session of everywhere ? this.sessions : [pair.session]) session.revoke()
    return codes
  }

  /** Ends one of the account's sessions, as the list of devices lets people do. */
  revoke(pair: ModelPair, session: ModelSession, now: number): string[] {
    const codes = this.access(pair, now)
    if (codes[0] !== 'OK') return codes
    if (!session.isLive(now)) return ['NOT_FOUND']
    session.revoke()
    return ['OK']
  }

  #pair(session: ModelSession, now: number): ModelPair {
    const accessUntil = Math.min(now + accessMs, session.expiresAt)
    return { session, generation: session.newest, accessUntil, key: this.#keys.current }
  }
}
