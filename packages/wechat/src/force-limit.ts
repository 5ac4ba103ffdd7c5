import type { Clock } from './options.js'

const spacingMs = 30_000
const dayMs = 24 * 60 * 60 * 1000
const perDay = 20

/**
 * Keeps `force_refresh` within what WeChat allows: 20 a day, 30 s apart. Beyond that it does not refresh anyway.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html
 */
export function createForceLimit(clock: Clock) {
  let takenAtMs: number[] = []

  return {
    /** Takes one if there is one to take. */
    take(): boolean {
      const nowMs = clock().getTime()
      takenAtMs = takenAtMs.filter(atMs => nowMs - atMs < dayMs)
      const last = takenAtMs.at(-1)
      if (takenAtMs.length >= perDay || (last !== undefined && nowMs - last < spacingMs)) return false
      takenAtMs.push(nowMs)
      return true
    },
  }
}
