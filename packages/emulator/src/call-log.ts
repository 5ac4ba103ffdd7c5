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

/** What may be shown as it is. Every other field is masked, also those we have never heard of. */
const plainFields = new Set([
  'appid',
  'grant_type',
  'force_refresh',
  'errcode',
  'errmsg',
  'expires_in',
  'countryCode',
  'timestamp',
])
const plainObjects = new Set(['phone_info', 'watermark'])

/** Fields as they may be shown: of a secret its first and last characters, of an object inside a request nothing. */
export function summarize(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, show(key, value)]))
}

/** Answers hold objects of their own, which are ours and flat. */
export function summarizeAnswer(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      plainObjects.has(key) ? summarizeAnswer(value as Record<string, unknown>) : show(key, value),
    ]),
  )
}

function show(key: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null) return '…'
  return plainFields.has(key) ? shorten(value) : mask(String(value))
}

/** What is longer than any text of WeChat's was not meant for this field. */
function shorten(value: unknown): unknown {
  return typeof value === 'string' && value.length > 300 ? mask(value) : value
}

function mask(text: string): string {
  const shown = Math.min(4, Math.floor(text.length / 4))
  return `${text.slice(0, shown)}…${text.slice(text.length - Math.min(shown, 2))}`
}
