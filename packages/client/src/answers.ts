import { attempt } from './attempt.js'
import { type ClientErrorCode, createError } from './errors.js'
import type { PlatformAnswer } from './platform.js'

/** The envelope of the login server, as far as it is one; that of a failure has more, which the error carries on. */
interface Envelope {
  readonly code: ClientErrorCode | 'OK'
  readonly msg?: string
  readonly data?: unknown
}

type Headers = Readonly<Record<string, string>>

/**
 * The data of an answer of the login server.
 *
 * @throws ClientError its code · `BAD_ANSWER` somebody else answered: a gateway, a portal, a wrong address
 */
export function judge<Data>({ statusCode: status, data, header = {} }: PlatformAnswer): Data {
  // uploadFile leaves the body a text.
  const body = (attempt(() => JSON.parse(data as string)) || data || {}) as Envelope
  const told: Envelope = /^[A-Z_]+$/.test(body.code) ? body : { code: 'BAD_ANSWER' }
  const { code, msg } = told
  if (code === 'OK') return told.data as Data
  // Names are in small letters over HTTP/2. A date is left: the clock it is compared with may be wrong.
  const retryAfter = (header as Headers)['retry-after'] || (header as Headers)['Retry-After']
  throw createError(code, Object.assign(told, { status, retryAfterSeconds: +(retryAfter as string) || undefined }), msg)
}
