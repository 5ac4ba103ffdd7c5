import { createBreaker } from './breaker.js'
import { isWechatError } from './errors.js'
import { type Fields, judgeAnswer } from './judge.js'
import type { Settings, WechatCall } from './options.js'
import { createQuotaGuard } from './quota-guard.js'
import { type Answer, sendRequest, type WechatRequest } from './request.js'
import { retry } from './retry.js'
import type { Transport } from './transport.js'

export interface CallOptions<T> {
  /** Turns the fields of a success into what the caller wants; throws `UNREADABLE`. */
  parse: (fields: Fields) => T
  /** Whether sending it twice does no harm. A code is spent by the first that arrives. */
  isRepeatable: boolean
  signal?: AbortSignal | undefined
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
  function call<T>(request: WechatRequest, { parse, isRepeatable, signal }: CallOptions<T>): Promise<T> {
    return retry(() => callOnce(request, parse, signal), {
      shouldRetry: error => isWorthRetrying(error, isRepeatable),
      random,
      signal,
    })
  }

  async function callOnce<T>(
    request: WechatRequest,
    parse: (fields: Fields) => T,
    signal: AbortSignal | undefined,
  ): Promise<T> {
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
          answer = await sendRequest(transport, request, { prefix, timeoutMs, signal })
          return judgeAnswer(path, answer, request.secrets)
        },
        signal,
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
