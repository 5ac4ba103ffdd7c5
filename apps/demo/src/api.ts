import type { ConflictChoice, ErrorCode, Failure, Success } from '@mplogin/contract'
import { callsSince } from './emulator.js'
import { useLanguage } from './language.js'
import { shorten, useTimeline } from './timeline.js'

/** A request to the login server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly token?: string
  readonly idempotencyKey?: string
}

/** What came of it. */
export type ApiResult<T> =
  | { readonly ok: true; readonly data: T }
  | {
      readonly ok: false
      readonly code: ErrorCode | 'NETWORK'
      /** A text to show. */
      readonly msg: string
      readonly conflict?: { readonly ticket: string; readonly choices: readonly ConflictChoice[] }
    }

const { language, t } = useLanguage()
const timeline = useTimeline()

/** Calls the login server and shows the call, with those to WeChat that it led to, in the timeline. */
export async function callApi<T>(request: ApiRequest): Promise<ApiResult<T>> {
  const { method, path, body, token, idempotencyKey } = request
  const startedAt = performance.now()
  const record = async (status: number, result: string, received: unknown) => {
    const ms = Math.round(performance.now() - startedAt)
    timeline.addRequest({
      method,
      path,
      sent: shorten(body),
      status,
      result,
      ms,
      received: shorten(received),
      wechatCalls: await callsSince(),
    })
  }
  try {
    const response = await fetch(path, {
      method,
      headers: {
        'accept-language': language.value,
        'x-device': 'mplogin demo',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as Success<T> | Failure
    await record(response.status, resultOf(answer), answer)
    return answer.code === 'OK' ? { ok: true, data: (answer as Success<T>).data } : toFailure(answer as Failure)
  } catch {
    await record(0, 'NETWORK', null)
    return { ok: false, code: 'NETWORK', msg: t.value.network }
  }
}

function resultOf(answer: Success<unknown> | Failure): string {
  if (answer.code !== 'OK') return answer.code
  const { outcome } = (answer as Success<{ outcome?: string }>).data
  return outcome ?? 'OK'
}

function toFailure({ code, msg, ticket, choices }: Failure): ApiResult<never> {
  const conflict =
    ticket !== undefined && choices !== undefined ? { ticket, choices: choices as ConflictChoice[] } : undefined
  return { ok: false, code: code as ErrorCode, msg, ...(conflict && { conflict }) }
}
