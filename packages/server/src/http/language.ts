import { type Language, preferredLanguage } from '@mplogin/contract'
import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'

/** Phones of one language send one header. */
const known = new LRUCache<string, Language>({ max: 200, memoMethod: preferredLanguage })

/** The language of the answer's texts. */
export function languageOf({ headers }: FastifyRequest): Language {
  const header = headers['accept-language']
  if (header === undefined) return preferredLanguage(undefined)
  return known.memo(header)
}
