import { type CodeHint, type ErrorCode, errorStatus } from '@mplogin/contract'
import { adviceOf, isWechatError, type WechatError } from '@mplogin/wechat'
import { LoginError } from '../errors.js'

/** What a code was expected to be, and what the client hears when WeChat does not know it. */
interface CodeKind {
  readonly invalid: ErrorCode
  readonly isMistaken: (code: string) => boolean
  readonly hint: CodeHint
}

// The shapes are habits of WeChat's, not promises: they choose a text after WeChat refused, and refuse nothing themselves.
const loginCode: CodeKind = {
  invalid: 'WECHAT_CODE_INVALID',
  isMistaken: code => /^[0-9a-f]{64}$/.test(code),
  hint: 'expectedLoginCode',
}
const phoneCode: CodeKind = {
  invalid: 'PHONE_CODE_INVALID',
  isMistaken: code => /^[0-9A-Za-z]{32}$/.test(code),
  hint: 'expectedPhoneCode',
}
export const codeKinds = { loginCode, phoneCode }

/** What wx.login answers in developer tools that have no appid. */
const mockCode = 'the code is a mock one'

/**
 * Asks WeChat about a code and turns its failures into ours.
 *
 * @throws LoginError every code of the contract that WeChat can be the reason of
 */
export async function askWechat<T>(kind: CodeKind, code: string, ask: () => Promise<T>): Promise<T> {
  if (code === mockCode) throw new LoginError(kind.invalid, 'a mock code of the developer tools', { hint: 'mockCode' })
  try {
    return await ask()
  } catch (error) {
    if (!isWechatError(error)) throw error
    const failure = toLoginError(error, kind)
    const isMistaken = failure.code === kind.invalid && kind.isMistaken(code)
    throw isMistaken ? new LoginError(failure.code, failure.message, { hint: kind.hint, cause: error }) : failure
  }
}

/** What the endpoint of access tokens has no business to say: it is no answer. */
const ofCodes: readonly string[] = ['CODE_INVALID', 'CODE_USED', 'USER_BLOCKED']
const isAboutToken = ({ path }: WechatError) => path.startsWith('/cgi-bin/')

function toLoginError(error: WechatError, kind: CodeKind): LoginError {
  const as = (code: ErrorCode, retryAfterSeconds?: number) => {
    // What is no mistake of the client's is the operator's: the log says what to do.
    const advice = errorStatus[code] >= 429 ? `. ${adviceOf(error)}` : ''
    return new LoginError(code, error.message + advice, { cause: error, retryAfterSeconds })
  }
  if (isAboutToken(error) && ofCodes.includes(error.code)) return as('WECHAT_UNAVAILABLE')
  switch (error.code) {
    case 'CODE_INVALID':
    case 'PHONE_APP_MISMATCH':
    case 'DECRYPTION_FAILED':
    case 'WATERMARK_MISMATCH':
      return as(kind.invalid)
    case 'CODE_USED':
      return as(kind === loginCode ? 'WECHAT_CODE_USED' : 'PHONE_CODE_INVALID')
    case 'OPENID_MISMATCH':
      return as('PHONE_CODE_NOT_YOURS')
    case 'USER_BLOCKED':
      return as('WECHAT_USER_BLOCKED')
    case 'RATE_LIMITED':
      return as('WECHAT_RATE_LIMITED', 60)
    case 'QUOTA_EXCEEDED':
      return as('WECHAT_RATE_LIMITED', 3600)
    case 'APPID_INVALID':
    case 'SECRET_INVALID':
    case 'IP_NOT_ALLOWED':
    case 'SECRET_FROZEN':
    case 'API_UNAUTHORIZED':
    case 'TOKEN_FORBIDDEN':
    case 'ACCOUNT_FROZEN':
    case 'REQUEST_INVALID':
    case 'SECURITY_REJECTED':
    case 'SECURITY_UNCONFIGURED':
    case 'CLOCK_SKEWED':
    case 'OPEN_PLATFORM_UNBOUND':
    case 'PLUGIN_MISMATCH':
      return as('WECHAT_CONFIG')
    case 'CIRCUIT_OPEN':
    case 'TOKEN_REJECTED':
    case 'BUSY':
    case 'UNREACHABLE':
    case 'UNREADABLE':
    case 'UNVERIFIED':
    case 'UNKNOWN_ERRCODE':
    // Of calls that no login makes: whatever WeChat means by them there, it is no answer.
    case 'OPENID_INVALID':
    case 'SESSION_KEY_INVALID':
    case 'ENCRYPTED_DATA_UNKNOWN':
    case 'ORDER_INVALID':
    case 'USER_INACTIVE':
    case 'PATH_INVALID':
    case 'RID_INVALID':
    case 'LOOKUP_UNSUPPORTED':
    case 'TEST_QUOTA_EXHAUSTED':
    case 'CLEAR_QUOTA_EXHAUSTED':
      return as('WECHAT_UNAVAILABLE')
  }
}
