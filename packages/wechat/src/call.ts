import { createBreaker } from './breaker.js'
import { isWechatError } from './errors.js'
import { type Fields, judgeAnswer } from './judge.js'
import { type Limit, type LimitOptions, startLimit } from './limit.js'
import type { Settings, WechatCall } from './options.js'
import { createQuotaGuard } from './quota-guard.js'
import { type Answer, sendRequest, type WechatRequest } from './request.js'
import { retry } from './retry.js'
import type { Transport } from './transport.js'

export interface CallOptions<T> extends LimitOptions {
  /** Turns the fields of a success into what the caller wants; throws `UNREADABLE`. */
  parse: (fields: Fields) => T
  /** Whether sending it twice does no harm. A code is spent by the first that arrives. */
  isRepeatable: boolean
}

/** The one way to WeChat: send, judge, parse, tell the observer, and try again where that is safe. */
export function createCall({ settings, transport }: { settings: Settings; transport: Transport }) {
  const { appid, prefix, timeoutMs, random } = settings
  const quotas = createQuotaGuard(settings.clock)
  const throughBreaker = createBreaker()

  /**
   * Calls an endpoint.
   *
   * @throws WechatError of the last try
   */
  function call<T>(request: WechatRequest, { parse, isRepeatable, ...options }: CallOptions<T>): Promise<T> {
    const limit = startLimit(options)
    return retry(() => callOnce(request, parse, limit), {
      shouldRetry: error => isWorthRetrying(error, isRepeatable),
      random,
      limit,
    })
  }

  async function callOnce<T>(request: WechatRequest, parse: (fields: Fields) => T, limit: Limit): Promise<T> {
    const { path } = request
    const startedMs = performance.now()
    let isAsked = false
    let answer: Answer | undefined
    let failure: unknown
    try {
      quotas.assertOpen(path)
      const fields = await throughBreaker(
        path,
        async () => {
          isAsked = true
          answer = await sendRequest(transport, request, { prefix, timeoutMs, limit })
          return judgeAnswer(path, answer, request.secrets)
        },
        limit,
      )
      quotas.open(path)
      return parse(fields)
    } catch (error) {
      failure = error
      if (answer && isWechatError(error) && error.code === 'QUOTA_EXCEEDED') quotas.close(path)
      throw error
    } finally {
      if (isAsked)
        observe({
          appid,
          path,
          durationMs: performance.now() - startedMs,
          ...(answer && { status: answer.status }),
          ...(isWechatError(failure) && {
            failure: failure.code,
            ...(failure.errcode !== undefined && { errcode: failure.errcode }),
            ...(failure.rid !== undefined && { rid: failure.rid }),
          }),
        })
    }
  }

  function observe(call: WechatCall): void {
    try {
      settings.onCall?.(call)
    } catch {
      // A broken observer must not turn a spent code into a failure.
    }
  }

  return Object.assign(call, { clearQuotas: quotas.openAll })
}

export type Call = ReturnType<typeof createCall>

function isWorthRetrying(error: unknown, isRepeatable: boolean): boolean {
  if (!isWechatError(error)) return false
  if (error.code === 'CIRCUIT_OPEN') return false
  if (error.code === 'BUSY' || error.requestSent === false) return true
  return isRepeatable && (error.kind === 'no_answer' || error.kind === 'unreadable')
}
