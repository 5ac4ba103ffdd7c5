import { type ErrorCode, errorStatus } from '@mplogin/contract'

// A registered symbol, so that the guard also knows errors of a second copy of this package.
const brand: unique symbol = Symbol.for('@mplogin/verify/VerifyError')

/** Codes of mplogin's contract, with the meaning they have there: a client treats both servers' answers alike. */
export type VerifyErrorCode = Extract<
  ErrorCode,
  'UNAUTHENTICATED' | 'TOKEN_EXPIRED' | 'SESSION_REVOKED' | 'ACCOUNT_DISABLED' | 'SERVICE_UNAVAILABLE'
>

/** A request whose access token does not count. `switch (error.code)` narrows; nothing in it holds the token. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError'
  /**
   * `UNAUTHENTICATED` no token, or none of ours · `TOKEN_EXPIRED` ours, but over · `SESSION_REVOKED`,
   * `ACCOUNT_DISABLED` with certainty only · `SERVICE_UNAVAILABLE` the login server's keys cannot be had
   */
  readonly code: VerifyErrorCode

  constructor(code: VerifyErrorCode, reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause })
    this.code = code
  }

  get [brand](): true {
    return true
  }

  /** The HTTP status to answer with. */
  get statusCode(): number {
    return errorStatus[this.code]
  }
}

/** Whether `value` is a VerifyError, told by a brand: also across copies of this package and after minifying. */
export function isVerifyError(value: unknown): value is VerifyError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true
}
