import type { ErrorCode } from '@mplogin/contract/errors'
import type { ConflictChoice, ErrorDetail } from './types.js'

/** Codes of what goes wrong on the phone, or between it and the server. Those of the server are in its docs/errors.md. */
export type PhoneErrorCode =
  | 'NETWORK'
  | 'TIMEOUT'
  | 'BAD_ANSWER'
  | 'LOGIN_FAILED'
  | 'USER_REFUSED'
  | 'NOT_PERMITTED'
  | 'QUOTA_USED_UP'
  | 'PRIVACY_NOT_DECLARED'
  | 'PRIVACY_REFUSED'
  | 'PHONE_FAILED'
  | 'STORAGE_FAILED'

/** Every code an error of this SDK can carry. The server's may become more; none changes its meaning. */
export type ClientErrorCode = ErrorCode | PhoneErrorCode

/** The codes that ask the user to choose. */
export type ConflictCode = 'ACCOUNT_CONFLICT' | 'PHONE_MAY_BE_RECYCLED'

interface ClientErrorOf<Code extends ClientErrorCode> extends Error {
  readonly name: 'ClientError'
  readonly code: Code
  /** HTTP status, when a server answered. */
  readonly status?: number
  /** With 429 and 503: before that a repeat is in vain. */
  readonly retryAfterSeconds?: number
  /** Under it the server's log tells more. */
  readonly requestId?: string
  /** With `BAD_REQUEST`. */
  readonly details?: readonly ErrorDetail[]
  /** As WeChat told it, when WeChat did. */
  readonly errMsg?: string
  readonly errno?: number
}

/** Phone and WeChat belong to different accounts, or the number may have a new holder: show `choices`, call `resolveConflict`. */
export interface ConflictError extends ClientErrorOf<ConflictCode> {
  readonly choices: readonly ConflictChoice[]
  readonly ticket: string
}

/**
 * What every method of the client rejects with. `switch (error.code)` narrows. `message` is for developers, and with a
 * server's code the server's text in the language it was asked in; texts to show are in `@mplogin/client/texts`.
 */
export type ClientError = ConflictError | ClientErrorOf<Exclude<ClientErrorCode, ConflictCode>>

/** Whether `value` is an error of this SDK, whichever copy of it threw. */
export function isClientError(value: unknown): value is ClientError {
  return !!value && (value as Error).name === 'ClientError'
}

/** Made of a plain Error: classes of built-in objects break when they are compiled to ES5. */
export function createError(code: ClientErrorCode, more?: object, message: string = code): ClientError {
  return Object.assign(new Error(message), more, { name: 'ClientError', code }) as ClientError
}
