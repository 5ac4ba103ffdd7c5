import type { Answered } from '../answers.js'
import type { World } from '../world/world.js'

/** What an endpoint sees of a request. */
export interface WechatRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** One of WeChat's endpoints. */
export interface Endpoint {
  readonly path: string
  /** jscode2session is famous for JSON as text/plain; of the others it is not known (facts 9.1). */
  readonly contentType: string
  answer(world: World, request: WechatRequest): Answered
}

/** The JSON object of a body: `empty` and `malformed` are two errors of WeChat's. */
export function parseBody(body: string): Record<string, unknown> | 'empty' | 'malformed' {
  if (body.trim() === '') return 'empty'
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : 'malformed'
  } catch {
    return 'malformed'
  }
}

/** A field as text; numbers and others are not what WeChat's clients send. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
