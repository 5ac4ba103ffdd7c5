import type { FastifyRequest } from 'fastify'
import type { Fields, WechatRequest } from '../endpoints/endpoint.js'

/** A request as WeChat reads it: of a repeated parameter the first, the body as JSON whatever its content type says. */
export function toWechatRequest(path: string, { method, query, body, ip }: FastifyRequest): WechatRequest {
  return {
    method,
    path,
    query: firstOfEach(query as Record<string, unknown>),
    fields: parseBody(body),
    ip: plainIp(ip),
  }
}

/** The app that a request is of, by its own word: `appid` in the query or the body. */
export function namedAppid({ query, fields }: WechatRequest): string | undefined {
  const appid = query.appid ?? (typeof fields === 'string' ? undefined : fields.appid)
  return typeof appid === 'string' ? appid : undefined
}

function firstOfEach(query: Record<string, unknown>): Record<string, string> {
  const firsts: Record<string, string> = {}
  for (const key of Object.keys(query)) {
    const value = query[key]
    const first = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') firsts[key] = first
  }
  return firsts
}

function parseBody(body: unknown): Fields {
  if (typeof body !== 'string' || body.trim() === '') return 'empty'
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : 'malformed'
  } catch {
    return 'malformed'
  }
}

function plainIp(ip: string): string {
  return ip.startsWith('::ffff:') ? ip.slice('::ffff:'.length) : ip
}
