import { type Language, preferredLanguage } from '@mplogin/contract'
import type { FastifyRequest } from 'fastify'

/** The language of the answer's texts. */
export function languageOf({ headers }: FastifyRequest): Language {
  return preferredLanguage(headers['accept-language'])
}
