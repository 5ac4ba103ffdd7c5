import { WechatError } from './errors.js'
import type { Clock } from './options.js'

const dayMs = 24 * 60 * 60 * 1000
/** WeChat's days are China's (UTC+8, no summer time). */
const chinaOffsetMs = 8 * 60 * 60 * 1000
/** One call in so much time looks whether an operator has reset the quota. */
const probeEveryMs = 10 * 60 * 1000

/**
 * Remembers which endpoints have used up their quota of the day (45009), so that they are not asked until the day turns
 * in China; but for one call in ten minutes, since the quota may have been cleared.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/openApi-mgnt/clearQuota.html
 */
export function createQuotaGuard(clock: Clock) {
  const usedUp = new Map<string, { readonly untilMs: number; probeAtMs: number }>()

  return {
    /** @throws WechatError `QUOTA_EXCEEDED` the endpoint is not asked now */
    assertOpen(path: string): void {
      const entry = usedUp.get(path)
      if (!entry) return
      const nowMs = clock().getTime()
      if (nowMs >= entry.untilMs) return void usedUp.delete(path)
      if (nowMs < entry.probeAtMs) {
        const reason = 'QUOTA_EXCEEDED, not asked: WeChat said so before, and the day has not turned'
        throw new WechatError('QUOTA_EXCEEDED', { path, reason, errcode: 45009 })
      }
      entry.probeAtMs = nowMs + probeEveryMs
    },
    /** WeChat answered 45009. */
    close(path: string): void {
      const nowMs = clock().getTime()
      const untilMs = (Math.floor((nowMs + chinaOffsetMs) / dayMs) + 1) * dayMs - chinaOffsetMs
      usedUp.set(path, { untilMs, probeAtMs: nowMs + probeEveryMs })
    },
    /** WeChat answered as it should. */
    open(path: string): void {
      if (usedUp.size > 0) usedUp.delete(path)
    },
    /** The quota was cleared. */
    openAll(): void {
      usedUp.clear()
    },
  }
}

export type QuotaGuard = ReturnType<typeof createQuotaGuard>
