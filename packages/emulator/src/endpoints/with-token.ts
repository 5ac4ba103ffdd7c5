import type { World } from '../world/world.js'
import { type Answered, fail, overQuota } from './answer.js'
import type { Endpoint, WechatRequest } from './endpoint.js'

/** A call whose access token is valid. */
export interface TokenCall {
  readonly world: World
  /** The app of the access token. */
  readonly appid: string
  readonly query: WechatRequest['query']
  /** Of the body; empty where a GET has none. */
  readonly fields: Readonly<Record<string, unknown>>
  /** The answer to a call beyond its quota; undefined within it. Where it belongs among the refusals is the endpoint's to say. */
  readonly beyondQuota: Answered | undefined
  refuse(errcode: number, why: string): Answered
}

/**
 * An endpoint that asks for an access token in the query. Every call with a valid one counts against its quota.
 *
 * @param method `POST`: a JSON object is expected as the body
 */
export function withToken(path: string, method: 'GET' | 'POST', answer: (call: TokenCall) => Answered): Endpoint {
  return {
    path,
    contentType: 'application/json',
    answer(world, request) {
      const refuse = (errcode: number, why: string) => fail(world, path, errcode, why)
      const { query, fields } = request
      const { access_token: token = '' } = query
      if (token === '') return refuse(41001, 'no access_token in the query')
      const holder = world.tokens.look(token)
      if (holder.kind === 'expired') return refuse(42001, 'the access token has expired')
      if (holder.kind === 'unknown') return refuse(40001, 'the access token is unknown or superseded')
      if (method === 'POST') {
        if (request.method !== 'POST') return refuse(43002, 'POST only')
        if (fields === 'empty') return refuse(44002, 'no body')
        if (fields === 'malformed') return refuse(47001, 'the body is not a JSON object')
      }
      const { appid } = holder
      const beyondQuota = overQuota(world, path, appid)
      return answer({ world, appid, query, fields: typeof fields === 'string' ? {} : fields, beyondQuota, refuse })
    },
  }
}
