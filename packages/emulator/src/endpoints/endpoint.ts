import type { World } from '../world/world.js'
import type { Answered } from './answer.js'

/** The JSON object of a body: `empty` and `malformed` are two errors of WeChat's. */
export type Fields = Readonly<Record<string, unknown>> | 'empty' | 'malformed'

/** What an endpoint sees of a request. */
export interface WechatRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly fields: Fields
  /** Of the caller. */
  readonly ip: string
}

/** One of WeChat's endpoints. */
export interface Endpoint {
  readonly path: string
  /** jscode2session is famous for JSON as text/plain; of the others it is not known (facts 9.1). */
  readonly contentType: string
  answer(world: World, request: WechatRequest): Answered
}

/** A field as text; numbers and others are not what WeChat's clients send. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
