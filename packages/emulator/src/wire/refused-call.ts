import type { FastifyRequest } from 'fastify'
import type { Answered } from '../endpoints/answer.js'
import type { RefusedCall } from '../world/rids.js'

const longestBody = 2000
const secretParameters = /\b(access_token|secret|appsecret)=([^&]{0,12})[^&]*/g

/** What the look-up of a rid tells: the request, its secrets cut short as in the document's sample. */
export function refusedCall(
  request: FastifyRequest,
  call: Pick<RefusedCall, 'path' | 'appid' | 'at' | 'durationMs'> & { result: Answered },
): RefusedCall {
  const { result, ...rest } = call
  const [, query = ''] = request.url.split('?')
  return {
    ...rest,
    query: query.replace(secretParameters, '$1=$2xxxx'),
    body: String(request.body ?? '').slice(0, longestBody),
    answer: JSON.stringify(result.body),
    ip: request.ip,
  }
}
