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
  let calls: RecordedCall[] = []
  let counts: Record<string, Record<string, number>> = {}
  let lastId = 0
  const listeners = new Set<(call: RecordedCall) => void>()
  return {
    record(call: Omit<RecordedCall, 'id'>): void {
      const recorded = { id: ++lastId, ...call }
      calls = [...calls.slice(1 - keptCalls), recorded]
      for (const listener of listeners) listener(recorded)
    },
    /** Counted when the call arrives, so that one that is never answered counts too. */
    count(path: string, errcode: number | null): void {
      const key = String(errcode ?? 'none')
      counts[path] = { ...counts[path], [key]: (counts[path]?.[key] ?? 0) + 1 }
    },
    counts: () => structuredClone(counts),
    since: (id: number) => calls.filter(call => call.id > id),
    listen(listener: (call: RecordedCall) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    clear(): void {
      calls = []
      counts = {}
    },
  }
}

export type CallLog = ReturnType<typeof createCallLog>

const secretFields = new Set([
  'secret',
  'access_token',
  'session_key',
  'js_code',
  'code',
  'phoneNumber',
  'purePhoneNumber',
  'openid',
  'unionid',
])

/** Fields as they may be shown: of a secret its first and last characters. */
export function summarize(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return [key, summarize(value as Record<string, unknown>)]
      return [key, secretFields.has(key) ? mask(String(value)) : value]
    }),
  )
}

function mask(text: string): string {
  const shown = Math.min(4, Math.floor(text.length / 4))
  return `${text.slice(0, shown)}…${text.slice(text.length - Math.min(shown, 2))}`
}
