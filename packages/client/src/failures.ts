import { type ClientError, createError, type PhoneErrorCode } from './errors.js'
import type { PlatformFailure } from './platform.js'

/**
 * What errno and errMsg of WeChat mean, the first that fits. Texts differ between versions and are looked at only where there
 * is no number.
 */
const meanings = {
  QUOTA_USED_UP: /^1400001/,
  PRIVACY_NOT_DECLARED: /^112 /,
  PRIVACY_REFUSED: /^10[34] /,
  NOT_PERMITTED: /^1025 |no perm/,
  USER_REFUSED: /deny|denied|cancel/,
  TIMEOUT: /^5 |timeout/,
  NETWORK: /^600|network|interrupted/,
} as const satisfies Partial<Record<PhoneErrorCode, RegExp>>

/** What a call of WeChat's was rejected with, as an error of ours: `otherwise` when it tells nothing we know. */
export function toClientError(failure: PlatformFailure, otherwise: PhoneErrorCode): ClientError {
  const codes = Object.keys(meanings) as (keyof typeof meanings)[]
  const code = codes.filter(one => meanings[one].test(`${failure.errno} ${failure.errMsg}`))[0]
  return createError(code || otherwise, failure, failure.errMsg)
}
