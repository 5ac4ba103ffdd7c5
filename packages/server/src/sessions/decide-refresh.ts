import { minuteMs } from '../clock.js'

/** A repeat later than this after the token was given is not a race or a retry of one request any more. */
export const lateAfterMs = minuteMs

/** So many late repeats of generations in a row mean two holders who take turns. */
export const lateRepeatsAllowed = 2

/** A session as far as the decision needs it. */
export interface RefreshFacts {
  readonly generation: number
  readonly rotatedAt: Date
  readonly lateGeneration: number
  readonly lateCount: number
}

/** What presenting a generation leads to. */
export type RefreshDecision =
  | { readonly kind: 'rotate' }
  | { readonly kind: 'repeat'; readonly late?: { readonly lateGeneration: number; readonly lateCount: number } }
  | { readonly kind: 'reuse' }
  | { readonly kind: 'unknown' }

/**
 * Decides what presenting a refresh generation means (design: tokens).
 *
 * The current one rotates. The one before, whose successor nobody used yet, gets that same successor again: the answer
 * was lost, or two requests raced. An older one is theft. When three generations in a row are each asked for again
 * later than 60 s after they were given, thief and owner are taking turns.
 */
export function decideRefresh(session: RefreshFacts, presented: number, now: Date): RefreshDecision {
  if (presented === session.generation) return { kind: 'rotate' }
  if (presented > session.generation) return { kind: 'unknown' }
  if (presented < session.generation - 1) return { kind: 'reuse' }
  const isLate = now.getTime() - session.rotatedAt.getTime() > lateAfterMs
  if (!isLate || session.lateGeneration === session.generation) return { kind: 'repeat' }
  const isInARow = session.lateGeneration === session.generation - 1
  const lateCount = isInARow ? session.lateCount + 1 : 1
  if (lateCount > lateRepeatsAllowed) return { kind: 'reuse' }
  return { kind: 'repeat', late: { lateGeneration: session.generation, lateCount } }
}
