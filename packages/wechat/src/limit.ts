/** How long a caller waits. */
export interface LimitOptions {
  /** The caller's own limit, besides the time limit of each HTTP call. */
  signal?: AbortSignal | undefined
  /** Milliseconds for all of it: the access token, every try, and the pauses between them. Default: no limit but each call's. */
  timeoutMs?: number | undefined
}

/** A caller's limit that runs: begun once, however many requests a call takes. */
export interface Limit {
  readonly signal: AbortSignal | undefined
  /** Milliseconds that are left; `Infinity` when time does not matter. */
  leftMs(): number
  isOver(): boolean
}

/** Begins a caller's limit. Of time alone it costs no timer. */
export function startLimit({ signal, timeoutMs = Number.POSITIVE_INFINITY }: LimitOptions): Limit {
  const endsAtMs = performance.now() + timeoutMs
  const leftMs = () => endsAtMs - performance.now()
  return { signal, leftMs, isOver: () => signal?.aborted === true || leftMs() <= 0 }
}

/** The limit as a signal, for what understands nothing else; undefined when there is none. */
export function toSignal({ signal, leftMs }: Limit): AbortSignal | undefined {
  const left = leftMs()
  if (left === Number.POSITIVE_INFINITY) return signal
  const timeout = AbortSignal.timeout(Math.max(0, Math.ceil(left)))
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}
