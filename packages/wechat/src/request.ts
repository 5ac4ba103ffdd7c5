import { isWechatError, WechatError } from './errors.js'
import { findErrorCode, redactCause } from './redact.js'
import type { Transport } from './transport.js'

/** A request to one endpoint. */
export interface WechatRequest {
  readonly method: 'GET' | 'POST'
  /** The endpoint, one of `paths`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly json?: Readonly<Record<string, unknown>>
  /** The values of query and body that must never show. */
  readonly secrets: readonly string[]
}

/** What came back, not yet judged. */
export interface Answer {
  readonly status: number
  readonly text: string
}

export interface SendOptions {
  /** The path before every endpoint's. */
  prefix: string
  timeoutMs: number
  /** The caller's own limit. */
  signal?: AbortSignal | undefined
}

/** The failures before a connection stood: refused, name not found, no connection in time. */
const beforeSendingCodes: readonly unknown[] = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']

/**
 * Sends one request and reads its whole answer, within the time limit.
 *
 * @throws WechatError `UNREACHABLE` no answer, or not in time · `UNREADABLE` the answer broke off · what the transport
 *   itself makes of an answer (`UNVERIFIED`)
 */
export async function sendRequest(transport: Transport, request: WechatRequest, options: SendOptions): Promise<Answer> {
  const { path, method, query, json } = request
  const { prefix, timeoutMs, signal } = options
  if (signal?.aborted) throw unreachable(path, 'the caller gave up before it was sent', { requestSent: false })
  const search = new URLSearchParams(query).toString()
  const target = prefix + path + (search && `?${search}`)
  const limit = new AbortController()
  const giveUp = () => limit.abort()
  const timer = setTimeout(giveUp, timeoutMs)
  signal?.addEventListener('abort', giveUp, { once: true })
  let status: number | undefined
  try {
    const response = await transport.send({ method, target, body: json && JSON.stringify(json) }, limit.signal)
    status = response.status
    return { status, text: await response.text() }
  } catch (error) {
    if (isWechatError(error)) throw error
    if (signal?.aborted) throw unreachable(path, 'the caller gave up waiting', { requestSent: true })
    if (limit.signal.aborted) throw unreachable(path, `no answer within ${timeoutMs} ms`, { requestSent: true })
    const cause = redactCause(error)
    if (status !== undefined)
      throw new WechatError('UNREADABLE', { path, reason: `the answer (HTTP ${status}) broke off`, cause })
    const requestSent = !beforeSendingCodes.includes(findErrorCode(error))
    throw unreachable(path, `no answer (${cause.code ?? cause.name})`, { requestSent, cause })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}

/** The story of no answer. */
export function unreachable(
  path: string,
  reason: string,
  detail: { requestSent: boolean; cause?: Error },
): WechatError {
  return new WechatError('UNREACHABLE', { path, reason, ...detail })
}
