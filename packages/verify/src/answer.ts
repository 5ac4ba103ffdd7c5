import { errorMessages, preferredLanguage } from '@mplogin/contract'
import { isVerifyError, type VerifyError } from './errors.js'

/** What a request without a valid token is answered, as mplogin itself does. */
export interface FailureAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly code: VerifyError['code']; readonly msg: string }
}

/** The answer of a VerifyError; anything else is thrown on. */
export function toAnswer(error: unknown, acceptLanguage: string | undefined): FailureAnswer {
  if (!isVerifyError(error)) throw error
  const { code, statusCode: status } = error
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(status === 503 && { 'retry-after': '2' }),
    },
    body: { code, msg: errorMessages[code][preferredLanguage(acceptLanguage)] },
  }
}

/** A header of a Node request, which may come as a list. */
export function headerOf(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string | undefined {
  const value = headers[name]
  return typeof value === 'object' ? value[0] : value
}
