/** The codes that do not come from an errcode of WeChat's, each with its kind. All others are `refused`. */
export const codesOfFailure = {
  /** No answer in time, or none at all. */
  UNREACHABLE: 'no_answer',
  /** Not asked: it gave no answer many times in a row, and is asked again in a moment. */
  CIRCUIT_OPEN: 'no_answer',
  /** An answer that is not what WeChat documents: HTML, cut off, another shape. */
  UNREADABLE: 'unreadable',
  /** An answer in security mode, or a push, that does not prove to be WeChat's: signature, appid or time are wrong. */
  UNVERIFIED: 'unverified',
  /** Encrypted data that this key does not open, or that was changed on the way. */
  DECRYPTION_FAILED: 'undecryptable',
  /** Encrypted data of another mini program. */
  WATERMARK_MISMATCH: 'undecryptable',
} as const

/** The five stories an error can tell. */
export type WechatErrorKind = (typeof codesOfFailure)[keyof typeof codesOfFailure] | 'refused'

/** What an errcode of WeChat's means to a caller. */
export type RefusalCode =
  | 'CODE_INVALID'
  | 'CODE_USED'
  | 'USER_BLOCKED'
  | 'RATE_LIMITED'
  | 'QUOTA_EXCEEDED'
  | 'PHONE_APP_MISMATCH'
  | 'OPENID_MISMATCH'
  | 'TOKEN_REJECTED'
  | 'BUSY'
  | 'APPID_INVALID'
  | 'SECRET_INVALID'
  | 'IP_NOT_ALLOWED'
  | 'SECRET_FROZEN'
  | 'API_UNAUTHORIZED'
  | 'TOKEN_FORBIDDEN'
  | 'ACCOUNT_FROZEN'
  | 'REQUEST_INVALID'
  | 'OPENID_INVALID'
  | 'SESSION_KEY_INVALID'
  | 'ENCRYPTED_DATA_UNKNOWN'
  | 'PLUGIN_MISMATCH'
  | 'OPEN_PLATFORM_UNBOUND'
  | 'ORDER_INVALID'
  | 'USER_INACTIVE'
  | 'TEST_QUOTA_EXHAUSTED'
  | 'CLEAR_QUOTA_EXHAUSTED'
  | 'PATH_INVALID'
  | 'RID_INVALID'
  | 'LOOKUP_UNSUPPORTED'
  | 'SECURITY_REJECTED'
  | 'SECURITY_UNCONFIGURED'
  | 'CLOCK_SKEWED'
  | 'UNKNOWN_ERRCODE'

/** Every code a WechatError can have. */
export type WechatErrorCode = keyof typeof codesOfFailure | RefusalCode
