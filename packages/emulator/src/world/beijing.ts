const hourMs = 3600 * 1000
const dayMs = 24 * hourMs
const ahead = 8 * hourMs

/** The day in Beijing, counted from 1970: WeChat's daily quotas turn at its midnight. */
export function beijingDay(at: Date): number {
  return Math.floor((at.getTime() + ahead) / dayMs)
}

/** The month in Beijing, such as `2026-06`. */
export function beijingMonth(at: Date): string {
  return new Date(at.getTime() + ahead).toISOString().slice(0, 7)
}
