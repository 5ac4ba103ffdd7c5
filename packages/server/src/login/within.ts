/**
 * Runs work with a signal that aborts after the time limit; once the work is done nothing of it is left. (The timers of
 * `AbortSignal.timeout` stay until their time has come: at a thousand logins a second that is thousands of them.)
 */
export async function within<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), limitMs)
  try {
    return await work(limit.signal)
  } finally {
    clearTimeout(timer)
  }
}
