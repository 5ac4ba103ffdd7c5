import type { EmulatedApp } from './types.js'

/** Per successful tap of the phone button (facts 3.2; confidence A). */
const yuanPerTap = 0.03
/** Tries that WeChat gives each app (facts 3.2; confidence A). */
const freeTaps = 1000

/** Counts the taps of the phone button: they cost at the tap, whether or not the server uses the code. */
export function createBilling() {
  const taps = new Map<string, number>()
  return {
    clear: () => taps.clear(),
    /** Whether WeChat still lets the app's button succeed. */
    hasQuota: ({ appid, phoneQuota = freeTaps }: EmulatedApp) => (taps.get(appid) ?? 0) < phoneQuota,
    bill: (appid: string) => void taps.set(appid, (taps.get(appid) ?? 0) + 1),
    /** Taps of all apps, and their list price in yuan; what is free of it is not taken off, so that tests see a cost. */
    total() {
      const phoneCallsBilled = [...taps.values()].reduce((sum, count) => sum + count, 0)
      return { phoneCallsBilled, yuan: Math.round(phoneCallsBilled * yuanPerTap * 100) / 100 }
    },
  }
}

export type Billing = ReturnType<typeof createBilling>
