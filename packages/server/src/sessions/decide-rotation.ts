import { dayMs, minuteMs, secondMs } from '../clock.js'
import type { SigningKeyState } from '../store/schema.js'
import type { SigningAlgorithm } from './key-pairs.js'

/** A signing key as far as the decision needs it. */
export interface KeyFacts {
  readonly kid: string
  readonly state: SigningKeyState
  readonly alg: string
  /** Published since then. */
  readonly createdAt: Date
  /** Signed since then. */
  readonly activatedAt: Date | undefined
  /** Signed until then. */
  readonly retiredAt: Date | undefined
}

/** How signing keys are kept. */
export interface KeyPolicy {
  readonly algorithm: SigningAlgorithm
  /** Days that a key signs; 0 for ever. */
  readonly maxDays: number
  readonly accessTtlSeconds: number
}

/**
 * Why keys are looked at: `start` of an instance; `tick`, now and then; or an operator's `rotate`, `now` (without
 * waiting until other back ends know the next key) and `leaked` (and nothing that the current key signed counts any more).
 */
export type RotationCause = 'start' | 'tick' | 'rotate' | 'now' | 'leaked'

/** What to do with the keys, in this order. */
export interface RotationPlan {
  /** Keys that are removed: nothing that they signed counts. */
  readonly drop: readonly string[]
  /** The key that signs no more, and stays published. */
  readonly retire: string | undefined
  /** The key that signs from now on. */
  readonly promote: string | undefined
  readonly create: readonly SigningKeyState[]
}

/** The next key cannot sign yet. */
export interface RotationRefusal {
  readonly readyAt: Date
}

/**
 * How long a key is published before it signs: longer than other back ends cache the keys (5 minutes) and siblings take
 * to read them (1 minute), together.
 */
export const publishedBeforeMs = 10 * minuteMs
/** Clocks differ, and instances sign with the former key for a moment longer. */
const retiredMarginMs = 5 * minuteMs

/** Decides what becomes of the signing keys. Pure; an empty plan means that all is as it should be. */
export function decideRotation(
  keys: readonly KeyFacts[],
  policy: KeyPolicy,
  cause: RotationCause,
  now: Date,
): RotationPlan | RotationRefusal {
  const current = keys.find(key => key.state === 'current')
  const next = keys.find(key => key.state === 'next')
  const over = keys.filter(key => key.state === 'retired' && isOver(key, policy, now)).map(key => key.kid)
  const nothing = { drop: over, retire: undefined, promote: undefined, create: [] }
  if (!current) return { ...nothing, create: next ? ['current'] : ['current', 'next'] }

  const isForced = cause === 'now' || cause === 'leaked'
  const isReady = next?.alg === policy.algorithm && now.getTime() - next.createdAt.getTime() >= publishedBeforeMs
  const isWanted = isForced || cause === 'rotate' || isOld(current, policy, now) || current.alg !== policy.algorithm
  if (next && isWanted && (isReady || isForced)) {
    return {
      drop: cause === 'leaked' ? [...over, current.kid] : over,
      retire: cause === 'leaked' ? undefined : current.kid,
      promote: next.kid,
      create: ['next'],
    }
  }
  if (next && cause === 'rotate') {
    const from = next.alg === policy.algorithm ? next.createdAt : now
    return { readyAt: new Date(from.getTime() + publishedBeforeMs) }
  }
  if (!next) return { ...nothing, create: ['next'] }
  // Only where an instance starts: siblings of another setting would replace it again and again.
  const isOfOtherAlgorithm = cause === 'start' && next.alg !== policy.algorithm
  return isOfOtherAlgorithm ? { ...nothing, drop: [...over, next.kid], create: ['next'] } : nothing
}

function isOld({ activatedAt }: KeyFacts, { maxDays }: KeyPolicy, now: Date): boolean {
  return maxDays > 0 && activatedAt !== undefined && now.getTime() - activatedAt.getTime() >= maxDays * dayMs
}

function isOver({ retiredAt }: KeyFacts, { accessTtlSeconds }: KeyPolicy, now: Date): boolean {
  return retiredAt !== undefined && now.getTime() - retiredAt.getTime() >= accessTtlSeconds * secondMs + retiredMarginMs
}
