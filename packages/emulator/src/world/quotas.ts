import { beijingDay, beijingMonth } from './beijing.js'
import type { Clock } from './types.js'

/** How often an app may call an endpoint; left out: as often as it likes. */
export interface Quota {
  /** Up to Beijing's midnight; beyond it 45009. */
  readonly perDay?: number | undefined
  /** Up to the end of the minute; beyond it 45011. */
  readonly perMinute?: number | undefined
}

/** A quota with what was used of it. */
export interface QuotaUse extends Quota {
  readonly usedToday: number
}

/** WeChat documents these (facts 2.2, 4.1; confidence A). The numbers of the others are not known: they are unlimited until set. */
export const documentedQuotas: Readonly<Record<string, Quota>> = {
  '/cgi-bin/stable_token': { perDay: 500_000, perMinute: 10_000 },
  '/wxa/resetusersessionkey': { perMinute: 60_000 },
}

/** How often a month an app may have its counts cleared (facts 2.3; confidence A). */
const clearingsPerMonth = 10
const minuteMs = 60_000

/** Counts calls per app and endpoint against their quotas. Days and months are Beijing's, on the emulated clock. */
export function createQuotas({ clock }: { clock: Clock }) {
  const set = new Map<string, Quota>()
  const uses = new Map<string, { day: number; today: number; minute: number; thisMinute: number }>()
  const clearings = new Map<string, { month: string; count: number }>()
  const id = (appid: string, path: string) => `${appid} ${path}`

  function quotaOf(appid: string, path: string): Quota {
    return set.get(id(appid, path)) ?? set.get(id('', path)) ?? documentedQuotas[path] ?? {}
  }

  function useOf(appid: string, path: string) {
    const now = clock()
    const [day, minute] = [beijingDay(now), Math.floor(now.getTime() / minuteMs)]
    const use = uses.get(id(appid, path)) ?? { day, today: 0, minute, thisMinute: 0 }
    if (use.day !== day) Object.assign(use, { day, today: 0 })
    if (use.minute !== minute) Object.assign(use, { minute, thisMinute: 0 })
    uses.set(id(appid, path), use)
    return use
  }

  return {
    clear(): void {
      for (const map of [set, uses, clearings]) map.clear()
    },

    /** @param appid undefined: for each app that has no quota of its own there */
    set: (appid: string | undefined, path: string, quota: Quota) => void set.set(id(appid ?? '', path), quota),

    /** Counts a call; the errcode when it is one too many. Calls that are refused so are not counted. */
    count(appid: string, path: string): 45009 | 45011 | undefined {
      const { perDay = Number.POSITIVE_INFINITY, perMinute = Number.POSITIVE_INFINITY } = quotaOf(appid, path)
      const use = useOf(appid, path)
      if (use.today >= perDay) return 45009
      if (use.thisMinute >= perMinute) return 45011
      use.today++
      use.thisMinute++
      return undefined
    },

    look: (appid: string, path: string): QuotaUse => ({
      ...quotaOf(appid, path),
      usedToday: useOf(appid, path).today,
    }),

    /** Sets the day's counts of an app to 0; false when it had that 10 times this month. */
    clearCounts(appid: string): boolean {
      const month = beijingMonth(clock())
      const known = clearings.get(appid)
      const count = known?.month === month ? known.count : 0
      if (count >= clearingsPerMonth) return false
      clearings.set(appid, { month, count: count + 1 })
      for (const [key, use] of uses) if (key.startsWith(`${appid} `)) use.today = 0
      return true
    },
  }
}

export type Quotas = ReturnType<typeof createQuotas>
