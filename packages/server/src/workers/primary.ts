import cluster, { type Worker } from 'node:cluster'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { AggregatorRegistry } from 'prom-client'
import { secondMs } from '../clock.js'
import { type Message, toMessage } from './messages.js'

/** A worker that ended is replaced after this time, so that one that cannot start does not do it in a loop. */
const replaceAfterMs = secondMs

/**
 * The primary of `mplogin serve --workers N`: runs this same command in `count` processes that share the port. One that
 * dies is replaced. SIGTERM and SIGINT close them all: requests under way finish.
 *
 * @returns the exit code, once all have ended: that of the first worker that could not even start, else 0, or 1 when one
 *   did not close in time
 */
export function runPrimary(count: number, logger: Logger): Promise<number> {
  const registry = new AggregatorRegistry()
  let isClosing = false
  let exitCode = 0

  const listened = new WeakSet<Worker>()

  function closeAll(): void {
    isClosing = true
    for (const worker of living()) {
      if (listened.has(worker)) tell(worker, { mplogin: 'close' })
      // One that is starting does not hear messages yet.
      else worker.process.kill('SIGTERM')
    }
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isClosing) for (const worker of living()) worker.process.kill('SIGKILL')
      logger.info({ signal, workers: living().length }, 'closing')
      closeAll()
    })
  }

  cluster.on('message', async (worker, message) => {
    const asked = toMessage(message)
    if (asked?.mplogin !== 'metrics?') return
    const { id } = asked
    try {
      tell(worker, { mplogin: 'metrics', id, text: await registry.clusterMetrics() })
    } catch (error) {
      tell(worker, { mplogin: 'metrics', id, error: String(error) })
    }
  })

  return new Promise(resolve => {
    cluster.on('listening', worker => listened.add(worker))
    cluster.on('exit', async (worker, code, signal) => {
      if (!isClosing && !listened.has(worker)) {
        exitCode = code || 1
        logger.error({ worker: worker.id, code }, 'a worker could not start')
        closeAll()
      } else if (!isClosing) {
        logger.error({ worker: worker.id, code, signal }, 'a worker died, and is replaced')
        await delay(replaceAfterMs)
        if (!isClosing) cluster.fork()
      } else if (code !== 0 && listened.has(worker)) exitCode ||= 1
      if (isClosing && living().length === 0) resolve(exitCode)
    })
    for (let i = 0; i < count; i++) cluster.fork()
  })
}

const living = () => Object.values(cluster.workers ?? {}).filter(worker => worker !== undefined)

function tell(worker: Worker, message: Message): void {
  if (worker.isConnected()) worker.send(message)
}
