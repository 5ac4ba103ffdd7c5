import type { RefusalCode } from './error-codes.js'
import { paths } from './paths.js'

/**
 * The access token is unknown, superseded, malformed or expired: it is dropped and the call repeated once.
 *
 * @see https://developers.weixin.qq.com/doc/oplatform/developers/dev/AccessToken.html
 */
export const tokenRejectedErrcodes: readonly number[] = [40001, 40014, 42001]

/**
 * The caller's address is not on the allow-list, or an administrator has yet to confirm it, or has refused.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html
 */
export const ipNotAllowedErrcodes: readonly number[] = [40164, 89503, 89506, 89507]

/**
 * A parameter is missing or malformed (41xxx too): a mistake of this package, not of its user.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/usability/PublicErrno.html
 */
export const requestInvalidErrcodes: readonly number[] = [40002, 43002, 44002, 47001]

/**
 * The errcodes that mean the same at every endpoint.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
 */
const singleErrcodes: Readonly<Record<number, RefusalCode>> = {
  [-1]: 'BUSY',
  40013: 'APPID_INVALID',
  40029: 'CODE_INVALID',
  40125: 'SECRET_INVALID',
  // Not in WeChat's table, but what a second exchange of a login code answers.
  40163: 'CODE_USED',
  40226: 'USER_BLOCKED',
  40243: 'SECRET_FROZEN',
  45009: 'QUOTA_EXCEEDED',
  45011: 'RATE_LIMITED',
  48001: 'API_UNAUTHORIZED',
  50004: 'TOKEN_FORBIDDEN',
  50007: 'ACCOUNT_FROZEN',
}

/**
 * What means something else when a phone code is traded: the code is another app's, or another user's. WeChat
 * documents the first; its errcode for the second is not documented, 40003 (invalid openid) is our assumption.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/phone-number/getPhoneNumber.html
 */
const phoneErrcodes: Readonly<Record<number, RefusalCode>> = {
  40003: 'OPENID_MISMATCH',
  40013: 'PHONE_APP_MISMATCH',
}

/** What WeChat's errcode at this endpoint means. */
export function refusalOf(path: string, errcode: number): RefusalCode {
  const ofPhone = path === paths.getPhoneNumber ? phoneErrcodes[errcode] : undefined
  const known = ofPhone ?? singleErrcodes[errcode]
  if (known) return known
  if (tokenRejectedErrcodes.includes(errcode)) return 'TOKEN_REJECTED'
  if (ipNotAllowedErrcodes.includes(errcode)) return 'IP_NOT_ALLOWED'
  if (requestInvalidErrcodes.includes(errcode) || (errcode >= 41000 && errcode < 42000)) return 'REQUEST_INVALID'
  return 'UNKNOWN_ERRCODE'
}
