import {
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel'
import { isWechatError, WechatError } from './errors.js'
import { type Limit, toSignal } from './limit.js'
import { unreachable } from './request.js'
import { untilAborted } from './until-aborted.js'

/** So many failures in a row are an outage, not bad luck: with one call in three failing they come once in a billion. */
const outageAfterFailures = 20
const firstPauseMs = 1000
const maxPauseMs = 30_000

type Answer<T> = { readonly value: T } | { readonly refusal: unknown }

/**
 * Stops calling a WeChat that does not answer: after 20 failures in a row calls fail at once, and after a pause (1 s,
 * doubling up to 30 s) one of them is let through to see. What WeChat refuses is an answer; a caller who gives up tells
 * nothing.
 */
export function createBreaker() {
  const abandoned = new WeakSet<Error>()
  const policy = circuitBreaker(
    handleWhen(error => !abandoned.has(error)),
    {
      breaker: new ConsecutiveBreaker(outageAfterFailures),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: firstPauseMs, maxDelay: maxPauseMs }),
    },
  )

  /** What WeChat refuses is an answer, too. */
  async function answerOf<T>(work: () => Promise<T>, limit: Limit): Promise<Answer<T>> {
    try {
      return { value: await work() }
    } catch (error) {
      if (isNoAnswer(error)) {
        // When it was the one call that should tell, nothing is known, and the pause goes on.
        if (limit.isOver() && policy.state !== CircuitState.HalfOpen) abandoned.add(error)
        throw error
      }
      return { refusal: error }
    }
  }

  /** Makes a call after the one that tells; one that has not begun by the end of its limit never does. */
  async function waitWithin<T>(path: string, work: () => Promise<T>, limit: Limit): Promise<Answer<T>> {
    let hasBegun = false
    const executing = policy.execute(() => {
      hasBegun = true
      return answerOf(work, limit)
    })
    try {
      return await untilAborted(executing, toSignal(limit))
    } catch (error) {
      if (hasBegun || isBrokenCircuitError(error)) return executing
      limit.end()
      throw unreachable(path, 'the caller gave up before it was sent', { requestSent: false })
    }
  }

  /**
   * Makes a call unless WeChat is out of reach.
   *
   * @throws WechatError `CIRCUIT_OPEN` it was not tried · whatever `work` throws
   */
  return async function throughBreaker<T>(path: string, work: () => Promise<T>, limit: Limit): Promise<T> {
    try {
      // Then it waits for the one call that tells whether WeChat is back.
      const isWaiting = policy.state === CircuitState.HalfOpen
      const answer = await (isWaiting ? waitWithin(path, work, limit) : policy.execute(() => answerOf(work, limit)))
      if ('refusal' in answer) throw answer.refusal
      return answer.value
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error
      const reason = 'WeChat has not answered lately; it is asked again in a moment'
      throw new WechatError('CIRCUIT_OPEN', { path, reason, requestSent: false })
    }
  }
}

function isNoAnswer(error: unknown): error is WechatError {
  return isWechatError(error) && (error.kind === 'no_answer' || error.kind === 'unreadable')
}
