/** A clock that stands still until it is moved. */
export function createTestClock(start = new Date('2026-06-01T08:00:00Z')) {
  let now = start.getTime()
  return {
    clock: () => new Date(now),
    advance(by: { days?: number; minutes?: number; seconds?: number }): void {
      const { days = 0, minutes = 0, seconds = 0 } = by
      now += (days * 86_400 + minutes * 60 + seconds) * 1000
    },
  }
}

export type TestClock = ReturnType<typeof createTestClock>
