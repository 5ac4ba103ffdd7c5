import cluster from 'node:cluster'
import { AggregatorRegistry, type Registry } from 'prom-client'
import { secondMs } from '../clock.js'
import { type Message, toMessage } from './messages.js'

/** Longer than the primary waits for the workers. */
const answerWithinMs = 8 * secondMs

let lastId = 0

/** Asks the primary for the figures of all workers together, this one's too. Call it once `lendMetrics` was. */
export function askForAllMetrics(): Promise<string> {
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
      if (answer.text === undefined) reject(new Error(answer.error))
      else resolve(answer.text)
    }
    process.on('message', hear)
    process.send?.({ mplogin: 'metrics?', id } satisfies Message)
  })
}

/** Lets the primary collect what this process measures. */
export function lendMetrics(registry: Registry): void {
  AggregatorRegistry.setRegistries(registry)
  new AggregatorRegistry()
}

/** Hears that the primary, if there is one, wants this process to end. */
export function onClose(close: () => void): void {
  // Whoever listens for messages does not end by itself.
  if (!cluster.isWorker) return
  process.on('message', message => {
    if (toMessage(message)?.mplogin === 'close') close()
  })
}

/** Nothing is left to say to the primary: the process may end. */
export function leave(): void {
  cluster.worker?.disconnect()
}
