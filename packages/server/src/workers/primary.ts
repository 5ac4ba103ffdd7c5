import cluster, { type Worker } from 'node:cluster'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { secondMs } from '../clock.js'
import { collectMetrics } from './collect-metrics.js'
import { type Message, toMessage } from './messages.js'
import { workerMark } from './worker.js'

/** A worker that ended is replaced after this time, so that one that cannot start does not do it in a loop. */
const replaceAfterMs = secondMs
/** Longer than a worker takes that closes by itself; what lives then hangs. */
const closeWithinMs = 15 * secondMs

/**
 * The primary of `mplogin serve --workers N`: runs this same command in `count` processes that share the port. One that
 * dies is replaced. SIGTERM and SIGINT close them all: requests under way finish.
 *
 * @returns the exit code, once all have ended: that of a worker that could not start when none ever had, else 0, or 1 when
 *   one did not close as it should
 */
export function runPrimary(count: number, logger: Logger): Promise<number> {
  const listened = new WeakSet<Worker>()
  let hasStarted = false
  let isClosing = false
  let exitCode = 0

  const fork = () => cluster.fork({ [workerMark]: 'on' })

  function closeAll(): void {
    isClosing = true
    for (const worker of living()) {
      if (listened.has(worker)) tell(worker, { mplogin: 'close' })
      // One that is starting does not hear messages yet.
      else worker.process.kill('SIGTERM')
    }
    setTimeout(killAll, closeWithinMs).unref()
  }

  function killAll(): void {
    for (const worker of living()) {
      logger.error({ worker: worker.id }, 'a worker did not close')
      worker.process.kill('SIGKILL')
    }
  }

  /** Whether another one takes its place. */
  function judgeEnd(worker: Worker, code: number, signal: string): boolean {
    if (isClosing) {
      if (code !== 0 && listened.has(worker)) exitCode ||= 1
      return false
    }
    if (hasStarted) {
      logger.error({ worker: worker.id, code, signal }, 'a worker died, and is replaced')
      return true
    }
    logger.error({ worker: worker.id, code }, 'a worker could not start')
    exitCode = code || 1
    closeAll()
    return false
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isClosing) return killAll()
      logger.info({ signal, workers: living().length }, 'closing')
      closeAll()
    })
  }

  cluster.on('message', async (worker, message) => {
    const asked = toMessage(message)
    if (asked?.mplogin !== 'metrics?') return
    const text = await collectMetrics(living().filter(one => listened.has(one)))
    tell(worker, { mplogin: 'metrics', id: asked.id, text })
  })

  return new Promise(resolve => {
    cluster.on('listening', worker => {
      hasStarted = true
      listened.add(worker)
    })
    cluster.on('exit', async (worker, code, signal) => {
      if (judgeEnd(worker, code, signal)) {
        await delay(replaceAfterMs)
        if (!isClosing) fork()
      }
      if (isClosing && living().length === 0) resolve(exitCode)
    })
    for (let i = 0; i < count; i++) fork()
  })
}

/** (Node keeps one that has ended until its channel is closed too.) */
const living = () =>
  Object.values(cluster.workers ?? {}).filter((worker): worker is Worker => worker !== undefined && !worker.isDead())

function tell(worker: Worker, message: Message): void {
  if (worker.isConnected()) worker.send(message)
}
