/**
 * What a user can take back, by WeChat's `RevokeInfo`.
 *
 * @see https://developers.weixin.qq.com/miniprogram/security/basic/listen.html
 */
const scopes = {
  1: 'license_plate',
  2: 'address',
  3: 'invoice',
  4: 'bluetooth',
  5: 'microphone',
  6: 'nickname_and_avatar',
  7: 'camera',
  8: 'phone',
  12: 'step_count',
  13: 'location',
  14: 'chosen_media',
  15: 'chosen_file',
  16: 'email',
  18: 'chosen_location',
  19: 'nickname',
  20: 'avatar',
} as const

/** What a user took back. `unknown`: a number that WeChat has added since; treat it as everything. */
export type RevokedScope = (typeof scopes)[keyof typeof scopes] | 'unknown'

/** Reads `RevokeInfo`: a number as text; should WeChat ever send several, all of them. */
export function parseRevokeInfo(text: string): readonly RevokedScope[] {
  const numbers = text.match(/\d+/g) ?? []
  if (numbers.length === 0) return ['unknown']
  return [...new Set(numbers.map(number => scopes[Number(number) as keyof typeof scopes] ?? 'unknown'))]
}
