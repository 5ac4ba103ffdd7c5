import { createMemory } from './memory.js'
import type { Clock } from './types.js'

/** For so long a rid can be looked up (facts 1.2; confidence A). */
const knownMs = 7 * 24 * 3600 * 1000
const keptRids = 10_000

/** A refused call, as the look-up of its rid tells it. */
export interface RefusedCall {
  readonly path: string
  /** The app that it is told to. */
  readonly appid: string
  readonly at: Date
  readonly durationMs: number
  readonly query: string
  readonly body: string
  readonly answer: string
  readonly ip: string
}

/** Refused calls by their rid. */
export function createRids({ clock }: { clock: Clock }) {
  const calls = createMemory<RefusedCall>({ clock, keepMs: knownMs, max: keptRids })
  return {
    clear: calls.clear,
    remember: (rid: string, call: RefusedCall) => calls.set(rid, call),
    find(rid: string): RefusedCall | undefined {
      const call = calls.get(rid)
      return call && clock().getTime() - call.at.getTime() <= knownMs ? call : undefined
    },
  }
}
