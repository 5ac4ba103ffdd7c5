import { isWechatError, WechatError } from './errors.js'
import type { Limit } from './limit.js'
import { findErrorCode, redactCause } from './redact.js'
import { type Exchange, IncompleteAnswer, type Transport } from './transport.js'

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
  /** Of this request. */
  timeoutMs: number
  /** Of the call that it is part of. */
  limit: Limit
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
  const { prefix, timeoutMs, limit } = options
  const { signal } = limit
  if (limit.isOver()) throw unreachable(path, 'the caller gave up before it was sent', { requestSent: false })
  const search = new URLSearchParams(query).toString()
  const target = prefix + path + (search && `?${search}`)
  let exchange: Exchange | undefined
  let isLate = false
  const giveUp = () => exchange?.stop()
  const leftMs = limit.leftMs()
  const timer = setTimeout(
    () => {
      isLate = true
      if (leftMs < timeoutMs) limit.end()
      giveUp()
    },
    Math.min(timeoutMs, leftMs),
  )
  signal?.addEventListener('abort', giveUp)
  try {
    exchange = transport.send({ method, target, body: json && JSON.stringify(json) })
    return await exchange.answer
  } catch (error) {
    if (isWechatError(error)) throw error
    if (limit.isOver()) throw unreachable(path, 'the caller gave up waiting', { requestSent: true })
    if (isLate) throw unreachable(path, `no answer within ${timeoutMs} ms`, { requestSent: true })
    const cause = redactCause(error)
    if (error instanceof IncompleteAnswer) throw new WechatError('UNREADABLE', { path, reason: error.message, cause })
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
