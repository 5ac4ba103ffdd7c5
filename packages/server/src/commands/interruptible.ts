/**
 * Runs long work that a person or a deployment may end: the first SIGINT or SIGTERM asks it to, the second ends the
 * process at once.
 *
 * @param whenStopped printed when the work ends by throwing the signal's reason; what it returns by itself, it explains
 */
export async function interruptible(whenStopped: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop)
  try {
    await work(controller.signal)
  } catch (error) {
    if (!controller.signal.aborted || error !== controller.signal.reason) throw error
    process.stdout.write(`${whenStopped}\n`)
    process.exitCode = 130
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, stop)
  }
}
