/** One call that WeChat got, without its secrets. */
export interface RecordedCall {
  /** Rising. */
  readonly id: number
  readonly at: string
  readonly durationMs: number
  readonly method: string
  readonly path: string
  readonly appid: string | null
  readonly status: number
  /** 0 for a success; null when the answer was none of WeChat's (a fault). */
  readonly errcode: number | null
  readonly why: string
  readonly requestSummary: Readonly<Record<string, unknown>>
  readonly answerSummary: Readonly<Record<string, unknown>>
}

const keptCalls = 1000

/** The last calls, and how many there were by path and errcode. */
export function createCallLog() {
  // A ring: the call with id n is at n % keptCalls, so that recording costs the same however many there were.
  const ring: RecordedCall[] = []
  let counts: Record<string, Record<string, number>> = {}
  let lastId = 0
  let firstId = 1
  const listeners = new Set<(call: RecordedCall) => void>()

  return {
    record(call: Omit<RecordedCall, 'id'>): void {
      const recorded = { id: ++lastId, ...call }
      ring[lastId % keptCalls] = recorded
      firstId = Math.max(firstId, lastId - keptCalls + 1)
      for (const listener of listeners) listener(recorded)
    },
    /** Counted when the call arrives, so that one that is never answered counts too. */
    count(path: string, errcode: number | null): void {
      const key = String(errcode ?? 'none')
      const ofPath = counts[path] ?? {}
      ofPath[key] = (ofPath[key] ?? 0) + 1
      counts[path] = ofPath
    },
    counts: () => structuredClone(counts),
    since(id: number): RecordedCall[] {
      const calls: RecordedCall[] = []
      for (let next = Math.max(id + 1, firstId); next <= lastId; next++)
        calls.push(ring[next % keptCalls] as RecordedCall)
      return calls
    },
    listen(listener: (call: RecordedCall) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    clear(): void {
      ring.length = 0
      firstId = lastId + 1
      counts = {}
    },
  }
}

export type CallLog = ReturnType<typeof createCallLog>
