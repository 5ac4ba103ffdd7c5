import type { Clock } from './types.js'

/** Entries beyond these go, the oldest first: an emulator may run for weeks, and under load. */
const maxEntries = 1_000_000

/**
 * A map that forgets: entries older than `keepMs` on the emulated clock go when others come.
 *
 * @param options.keepMs well above the time for which an entry means something
 */
export function createMemory<Value>({
  clock,
  keepMs,
  max = maxEntries,
}: {
  clock: Clock
  keepMs: number
  max?: number
}) {
  const entries = new Map<string, { readonly value: Value; readonly at: number }>()
  return {
    set(key: string, value: Value): void {
      const now = clock().getTime()
      entries.delete(key)
      entries.set(key, { value, at: now })
      for (const [oldest, { at }] of entries) {
        if (now - at <= keepMs && entries.size <= max) break
        entries.delete(oldest)
      }
    },
    get: (key: string): Value | undefined => entries.get(key)?.value,
    clear: () => entries.clear(),
  }
}
