import { codesOfFailure, type WechatErrorCode, type WechatErrorKind } from './error-codes.js'

// A registered symbol, so that the guard also knows errors of a second copy of this package.
const brand: unique symbol = Symbol.for('@mplogin/wechat/WechatError')

/** What is known about a failed call. Everything here is safe to log: see `redact.ts`. */
export interface WechatErrorDetail {
  path: string
  reason: string
  errcode?: number | undefined
  errmsg?: string | undefined
  rid?: string | undefined
  requestSent?: boolean | undefined
  cause?: Error | undefined
}

/**
 * A call to WeChat that failed, or data of WeChat's that cannot be trusted. `switch (error.code)` narrows.
 * Neither message nor fields nor cause hold a secret, code, token, openid, session key or phone number.
 */
export class WechatError extends Error {
  override readonly name = 'WechatError'
  /** Which of the stories this is: no answer · an answer we cannot read · one that is not proven WeChat's · WeChat said no · data we cannot decrypt. */
  readonly kind: WechatErrorKind
  readonly code: WechatErrorCode
  /** The endpoint's path without query (`/sns/jscode2session`); `encryptedData` for decryption, `push` for pushes. */
  readonly path: string
  /** With kind `refused`: WeChat's number. */
  declare readonly errcode?: number
  /** With kind `refused`: WeChat's text, anything that looks secret taken out. For the log, not for the user. */
  declare readonly errmsg?: string
  /** WeChat's id of the request, by which its support finds it. */
  declare readonly rid?: string
  /** With kind `no_answer`: whether the request to `path` may have left this machine, and so may have spent its code. */
  declare readonly requestSent?: boolean

  constructor(code: WechatErrorCode, detail: WechatErrorDetail) {
    super(`${detail.path}: ${detail.reason}`, detail.cause && { cause: detail.cause })
    this.code = code
    this.kind = kindOf(code)
    this.path = detail.path
    if (detail.errcode !== undefined) this.errcode = detail.errcode
    if (detail.errmsg !== undefined) this.errmsg = detail.errmsg
    if (detail.rid !== undefined) this.rid = detail.rid
    if (detail.requestSent !== undefined) this.requestSent = detail.requestSent
  }

  get [brand](): true {
    return true
  }
}

/** Whether `value` is a WechatError, told by a brand: also across copies of this package and after minifying. */
export function isWechatError(value: unknown): value is WechatError {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true
}

function kindOf(code: WechatErrorCode): WechatErrorKind {
  return codesOfFailure[code as keyof typeof codesOfFailure] ?? 'refused'
}
