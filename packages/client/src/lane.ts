/**
 * Things that are done one at a time. The same thing asked for again while it is under way (a double tap, a second page) is
 * done once, and all get its end.
 */
export function createLane() {
  let current: string | undefined
  let result: Promise<unknown>

  return function run<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const again = () => run(name, work)
    if (current) return (current === name ? result : result.then(again, again)) as Promise<T>
    const leave = () => {
      current = undefined
    }
    current = name
    result = Promise.resolve().then(work)
    result.then(leave, leave)
    return result as Promise<T>
  }
}

/** Does something when nothing else is under way. */
export type Lane = ReturnType<typeof createLane>
