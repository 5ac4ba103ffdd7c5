/**
 * Every error code an answer can carry, with its HTTP status. A code once released keeps its meaning.
 * Texts are in `messages.ts`, so that a mini program that only compares codes does not carry them.
 */
export const errorStatus = {
  BAD_REQUEST: 400,
  WECHAT_CODE_INVALID: 400,
  WECHAT_CODE_USED: 400,
  PHONE_CODE_INVALID: 400,
  PHONE_CODE_NOT_YOURS: 400,
  APP_UNKNOWN: 400,
  TICKET_INVALID: 400,
  IMAGE_INVALID: 400,
  UNAUTHENTICATED: 401,
  TOKEN_EXPIRED: 401,
  SESSION_REVOKED: 401,
  REFRESH_INVALID: 401,
  REFRESH_REUSED: 401,
  WECHAT_USER_BLOCKED: 403,
  ACCOUNT_DISABLED: 403,
  NOT_FOUND: 404,
  ACCOUNT_CONFLICT: 409,
  PHONE_MAY_BE_RECYCLED: 409,
  PHONE_ALREADY_BOUND: 409,
  TICKET_USED: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  WECHAT_RATE_LIMITED: 429,
  INTERNAL: 500,
  WECHAT_CONFIG: 500,
  WECHAT_UNAVAILABLE: 502,
  SERVICE_UNAVAILABLE: 503,
} as const

/** The closed set of error codes; `switch (answer.code)` narrows on it. */
export type ErrorCode = keyof typeof errorStatus

/** All error codes, in the order of their status. */
export const errorCodes = Object.keys(errorStatus) as readonly ErrorCode[]

/** Whether `value` is one of our error codes, so that answers of a gateway in between are told apart. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorStatus, value)
}
