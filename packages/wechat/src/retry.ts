import pRetry from 'p-retry'
import { type Limit, toSignal } from './limit.js'

const retries = 2
const firstWaitMs = 100
const maxWaitMs = 400

export interface RetryOptions {
  shouldRetry: (error: unknown) => boolean
  random: () => number
  /** Ends the waiting; the last failure then stands. */
  limit: Limit
}

/**
 * Tries up to three times, waiting 100 to 200 ms and then 200 to 400 ms.
 *
 * @throws what the last try threw
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  try {
    // Nearly always this is all there is.
    return await attempt()
  } catch (error) {
    if (options.limit.isOver() || !options.shouldRetry(error)) throw error
    return tryFurther(attempt, error, options)
  }
}

/** The tries after the first. */
async function tryFurther<T>(
  attempt: () => Promise<T>,
  firstFailure: unknown,
  { shouldRetry, random, limit }: RetryOptions,
): Promise<T> {
  // p-retry would replace an answer by the abort that came with it; what the last try brought is kept here instead.
  let settle = (): T => {
    throw firstFailure
  }
  const attemptOnce = async () => {
    try {
      const value = await attempt()
      settle = () => value
    } catch (error) {
      settle = () => {
        throw error
      }
    }
    return settle()
  }
  const signal = toSignal(limit)
  await pRetry(tries => (tries === 1 ? Promise.reject(firstFailure) : attemptOnce()), {
    retries,
    minTimeout: firstWaitMs * (1 + random()),
    maxTimeout: maxWaitMs,
    shouldRetry: ({ error }) => shouldRetry(error),
    ...(signal && { signal }),
  }).catch(() => undefined)
  return settle()
}
