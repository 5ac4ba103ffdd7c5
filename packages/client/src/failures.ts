import { type ClientError, createError, type PhoneErrorCode } from './errors.js'
import type { PlatformFailure } from './platform.js'

/** What errno and errMsg of WeChat mean, the last that fits. Texts differ between versions: numbers come last. */
const meanings = {
  NETWORK: /^600|network|interrupted/,
  TIMEOUT: /^5 |timeout/,
  USER_REFUSED: /(ber:|user).*(den[iy]|cancel)/,
  NOT_PERMITTED: /^1025 |no perm/,
  PRIVACY_REFUSED: /^10[34] /,
  PRIVACY_NOT_DECLARED: /^112 /,
  QUOTA_USED_UP: /^1400001/,
} as const satisfies Partial<Record<PhoneErrorCode, RegExp>>

/** What a call of WeChat's was rejected with, as an error of ours: `otherwise` when it tells nothing we know. */
export function toClientError(failure: PlatformFailure, otherwise: PhoneErrorCode): ClientError {
  const { errno, errMsg } = failure
  let code = otherwise
  for (const one in meanings)
    if (meanings[one as keyof typeof meanings].test(`${errno} ${errMsg}`)) code = one as typeof code
  return createError(code, failure, errMsg)
}
