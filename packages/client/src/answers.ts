import { attempt } from './attempt.js'
import { type ClientErrorCode, createError } from './errors.js'
import type { PlatformAnswer } from './platform.js'

/** The envelope of the login server, as far as it is one; that of a failure has more, which the error carries on. */
interface Envelope {
  readonly code: ClientErrorCode | 'OK'
  readonly msg?: string
  readonly data?: unknown
}

/**
 * The data of an answer of the login server.
 *
 * @throws ClientError its code · `BAD_ANSWER` somebody else answered: a gateway, a portal, a wrong address
 */
export function judge<Data>({ statusCode: status, data }: PlatformAnswer): Data {
  // uploadFile leaves the body a text.
  const body = ((typeof data === 'string' ? attempt(() => JSON.parse(data)) : data) || {}) as Envelope
  const { code, msg } = body
  if (code === 'OK') return body.data as Data
  throw createError(/^[A-Z_]+$/.test(code) ? code : 'BAD_ANSWER', Object.assign(body, { status }), msg)
}
