import { type CodeHint, type ConflictChoice, type ErrorCode, type ErrorDetail, errorStatus } from '@mplogin/contract'

/** What an answer may carry besides code and text, and why it came to this (`cause` goes to the log only). */
export interface LoginErrorOptions {
  /** A text that says more than the code's own. */
  hint?: CodeHint | undefined
  /** With BAD_REQUEST: what is wrong where. */
  details?: ErrorDetail[] | undefined
  /** With a conflict: the ticket and what may be chosen with it. */
  conflict?: { ticket: string; choices: readonly ConflictChoice[] } | undefined
  /** When a repeat may succeed, in seconds (Retry-After). */
  retryAfterSeconds?: number | undefined
  cause?: unknown
}

/**
 * The one error that use cases throw: a code of the contract. What the client sees is chosen from the contract by
 * code and language at the edge; `message` and `cause` are for the log.
 */
export class LoginError extends Error {
  override readonly name = 'LoginError'
  readonly code: ErrorCode
  readonly hint: CodeHint | undefined
  readonly details: ErrorDetail[] | undefined
  readonly conflict: LoginErrorOptions['conflict']
  readonly retryAfterSeconds: number | undefined

  constructor(code: ErrorCode, message: string, options: LoginErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.details = options.details
    this.conflict = options.conflict
    this.retryAfterSeconds = options.retryAfterSeconds
  }

  /** The HTTP status of the code. */
  get status(): number {
    return errorStatus[this.code]
  }
}
