/** How long a caller waits. */
export interface LimitOptions {
  /** The caller's own limit, besides the time limit of each HTTP call. */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds for all of it: the access token, every try, and the pauses between them; none are left at 0 and below.
   * Default: no limit but each call's.
   */
  timeoutMs?: number | undefined
}

/** A caller's limit that runs: begun once, however many requests a call takes. */
export interface Limit {
  readonly signal: AbortSignal | undefined
  /** Milliseconds that are left; `Infinity` when time does not matter. */
  leftMs(): number
  isOver(): boolean
  /** A timer of it has gone off: they do so some milliseconds before the time has come. */
  end(): void
}

/** What a timer of Node can wait for. */
const maxTimerMs = 2 ** 31 - 1

/**
 * Begins a caller's limit. Of time alone it costs no timer.
 *
 * @throws TypeError `timeoutMs` is not a number
 */
export function startLimit({ signal, timeoutMs = Number.POSITIVE_INFINITY }: LimitOptions): Limit {
  if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) throw new TypeError('timeoutMs: expected a number')
  const endsAtMs = performance.now() + timeoutMs
  let isEnded = false
  const leftMs = () => endsAtMs - performance.now()
  return {
    signal,
    leftMs,
    isOver: () => isEnded || signal?.aborted === true || leftMs() <= 0,
    end: () => {
      isEnded = true
    },
  }
}

/** The limit as a signal, for what understands nothing else; undefined when there is none. */
export function toSignal({ signal, leftMs }: Limit): AbortSignal | undefined {
  const left = leftMs()
  if (left === Number.POSITIVE_INFINITY) return signal
  const timeout = AbortSignal.timeout(Math.min(Math.max(0, Math.ceil(left)), maxTimerMs))
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}
