import type { Language } from '@mplogin/contract'
import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

/** The language of the answer's texts: Chinese, unless `Accept-Language` prefers English. */
export function languageOf(request: FastifyRequest): Language {
  if (request.headers['accept-language'] === undefined) return 'zh-CN'
  const preferred = new Negotiator(request.raw).language(['zh-CN', 'zh', 'en', 'en-US', 'en-GB'])
  return preferred?.startsWith('en') ? 'en' : 'zh-CN'
}
