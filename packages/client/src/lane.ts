/**
 * Things that are done one at a time. The same thing asked for again before its end (a double tap, a second page) is done
 * once, and all get that end.
 */
export function createLane() {
  const underWay: Record<string, Promise<unknown>> = {}
  let last: Promise<unknown> = Promise.resolve()

  return function run<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const leave = () => delete underWay[name]
    if (!underWay[name]) {
      last = underWay[name] = last.then(work, work)
      last.then(leave, leave)
    }
    return underWay[name] as Promise<T>
  }
}

/** Does something when nothing else is under way. */
export type Lane = ReturnType<typeof createLane>
