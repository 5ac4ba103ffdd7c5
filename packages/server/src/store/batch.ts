import { setImmediate as nextTurn } from 'node:timers/promises'
import { DatabaseUnavailableError } from './failure-kind.js'

/** How requests are put together. */
export interface BatchOptions<Request, Result> {
  /** Requests that travel together at most. Default 64. */
  readonly maxSize?: number
  /**
   * Batches under way at a time; while they are, the next ones grow. Default 2: what a database likes, and the rest of the
   * pool is for transactions.
   */
  readonly maxInFlight?: number
  /** Carries requests out with as few statements as they need, and gives their results in their order. */
  readonly run: (requests: readonly Request[]) => Promise<readonly Result[]>
}

interface Waiter<Request, Result> {
  readonly request: Request
  resolve(result: Result): void
  reject(error: unknown): void
}

/** A database that takes so long to say that it is away lets nobody wait for their turn to hear the same. */
const patienceMs = 1000

/**
 * What one turn of the event loop asks of a database travels as one statement. A batch that fails is carried out again in
 * halves, so that a failing request fails by itself; when the database does not answer all of it fails at once.
 */
export function createBatch<Request, Result>(options: BatchOptions<Request, Result>) {
  const { maxSize = 64, maxInFlight = 2, run } = options
  let waiting: Waiter<Request, Result>[] = []
  let inFlight = 0
  let isScheduled = false

  function ask(request: Request): Promise<Result> {
    return new Promise((resolve, reject) => {
      waiting.push({ request, resolve, reject })
      schedule()
    })
  }

  /** At the end of this turn: whoever asks until then comes along. */
  function schedule(): void {
    if (isScheduled || inFlight >= maxInFlight || waiting.length === 0) return
    isScheduled = true
    void nextTurn().then(() => {
      isScheduled = false
      while (inFlight < maxInFlight && waiting.length > 0) {
        const batch = waiting.slice(0, maxSize)
        waiting = waiting.slice(maxSize)
        inFlight++
        void settle(batch).finally(() => {
          inFlight--
          schedule()
        })
      }
    })
  }

  async function settle(batch: readonly Waiter<Request, Result>[]): Promise<void> {
    const startedMs = performance.now()
    try {
      const results = await run(batch.map(waiter => waiter.request))
      for (const [i, waiter] of batch.entries()) waiter.resolve(results[i] as Result)
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) {
        const others = performance.now() - startedMs > patienceMs ? waiting.splice(0) : []
        for (const waiter of [...batch, ...others]) waiter.reject(error)
      } else if (batch.length === 1) {
        for (const waiter of batch) waiter.reject(error)
      } else {
        const half = Math.ceil(batch.length / 2)
        await Promise.all([settle(batch.slice(0, half)), settle(batch.slice(half))])
      }
    }
  }

  return ask
}
