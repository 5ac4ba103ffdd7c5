import { headerOf, toAnswer } from './answer.js'
import type { Verifier } from './verifier.js'
import type { Account } from './verify-token.js'

declare global {
  namespace Express {
    interface Request {
      /** Set by requireAccount. */
      account?: Account
    }
  }
}

/** What the middleware needs of Express, 4 or 5. */
interface ExpressRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  account?: Account
}
interface ExpressResponse {
  status(code: number): ExpressResponse
  set(headers: Record<string, string>): ExpressResponse
  json(body: unknown): unknown
}

/**
 * Middleware for Express 4 and 5: puts `account` on the request, or answers as mplogin does.
 *
 * @example app.use('/orders', requireAccount(verifier), orders)
 */
export function requireAccount(verifier: Verifier) {
  return function mploginAccount(
    request: ExpressRequest,
    response: ExpressResponse,
    next: (error?: unknown) => void,
  ): void {
    verifier
      .verifyHeader(headerOf(request.headers, 'authorization'))
      .then(account => {
        request.account = account
        next()
      })
      .catch(error => {
        const { status, headers, body } = toAnswer(error, headerOf(request.headers, 'accept-language'))
        response
          .status(status)
          .set({ ...headers })
          .json(body)
      })
      .catch(next)
  }
}
