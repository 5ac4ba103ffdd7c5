import type { EmulatedApp } from './types.js'

/** In yuan/100 per successful tap (facts 3.2; confidence A). */
const fenPerTap = { quick: 3, realtime: 4 } as const
/** Tries that WeChat gives each app, of both kinds together (facts 3.2; confidence A). */
const freeTaps = 1000

/** Which phone button: `getPhoneNumber`, or `getRealtimePhoneNumber`. */
export type TapKind = keyof typeof fenPerTap

/** Counts the taps of the phone button: they cost at the tap, whether or not the server uses the code. */
export function createBilling() {
  const apps = new Map<string, { quick: number; realtime: number; fenOwed: number }>()
  const of = (appid: string) => apps.get(appid) ?? { quick: 0, realtime: 0, fenOwed: 0 }
  return {
    clear: () => apps.clear(),
    /** Whether WeChat still lets the app's button succeed. */
    hasQuota({ appid, phoneQuota = freeTaps }: EmulatedApp): boolean {
      const { quick, realtime } = of(appid)
      return quick + realtime < phoneQuota
    },
    bill(appid: string, kind: TapKind): void {
      const bill = of(appid)
      if (bill.quick + bill.realtime >= freeTaps) bill.fenOwed += fenPerTap[kind]
      bill[kind]++
      apps.set(appid, bill)
    },
    /**
     * Taps of all apps; `yuan` is the list price of every one, so that tests see a cost, `yuanOwed` what is left of it after
     * the free ones of each app.
     */
    total() {
      const sum = (pick: (bill: ReturnType<typeof of>) => number) =>
        [...apps.values()].reduce((n, bill) => n + pick(bill), 0)
      const phoneTaps = { quick: sum(bill => bill.quick), realtime: sum(bill => bill.realtime) }
      const fen = phoneTaps.quick * fenPerTap.quick + phoneTaps.realtime * fenPerTap.realtime
      return {
        phoneCallsBilled: phoneTaps.quick + phoneTaps.realtime,
        phoneTaps,
        yuan: fen / 100,
        yuanOwed: sum(bill => bill.fenOwed) / 100,
      }
    },
  }
}

export type Billing = ReturnType<typeof createBilling>
