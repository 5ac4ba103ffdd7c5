import cluster from 'node:cluster'
import type { Registry } from 'prom-client'
import { secondMs } from '../clock.js'
import { type Message, toMessage } from './messages.js'

/** In the environment of our workers: a cluster of somebody else's has a primary that does not know us. */
export const workerMark = 'MPLOGIN_WORKER'

/** Longer than the primary waits for the workers. */
const answerWithinMs = 5 * secondMs

let lastId = 0

/** Whether this process is a worker of `mplogin serve --workers`. */
export function isOurWorker(): boolean {
  return cluster.isWorker && process.env[workerMark] === 'on'
}

/** Lets the primary collect what this process measures. Returns how to ask it for the figures of all workers together. */
export function shareMetrics(registry: Registry): () => Promise<string> {
  process.on('message', async message => {
    const asked = toMessage(message)
    if (asked?.mplogin === 'figures?') {
      tell({ mplogin: 'figures', id: asked.id, figures: await registry.getMetricsAsJSON() })
    }
  })
  return askForAllMetrics
}

function askForAllMetrics(): Promise<string> {
  const id = ++lastId
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer)
      process.off('message', hear)
    }
    const timer = setTimeout(() => {
      settle()
      reject(new Error('the primary does not tell the metrics'))
    }, answerWithinMs)
    const hear = (message: unknown) => {
      const answer = toMessage(message)
      if (answer?.mplogin !== 'metrics' || answer.id !== id) return
      settle()
      resolve(answer.text)
    }
    process.on('message', hear)
    tell({ mplogin: 'metrics?', id })
  })
}

/** Hears that the primary, if there is one, wants this process to end. */
export function onClose(close: () => void): void {
  // Whoever listens for messages does not end by itself.
  if (!isOurWorker()) return
  process.on('message', message => {
    if (toMessage(message)?.mplogin === 'close') close()
  })
}

/** Nothing is left to say to a primary, whosever it is: the process may end. */
export function leave(): void {
  cluster.worker?.disconnect()
}

function tell(message: Message): void {
  process.send?.(message)
}
