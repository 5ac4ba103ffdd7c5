import cluster, { type Worker } from 'node:cluster'
import { AggregatorRegistry } from 'prom-client'
import { secondMs } from '../clock.js'
import { type Figures, type Message, toMessage } from './messages.js'

/** A worker that hangs is left out after this time: the others are what an operator wants to see then. */
const answerWithinMs = 2 * secondMs

let lastId = 0

/** The figures of these workers, as one text. */
export async function collectMetrics(workers: readonly Worker[]): Promise<string> {
  const figures = await Promise.all(workers.map(askForFigures))
  return AggregatorRegistry.aggregate(figures.filter(one => one !== undefined)).metrics()
}

function askForFigures(worker: Worker): Promise<Figures | undefined> {
  const id = ++lastId
  return new Promise(resolve => {
    const settle = (figures?: Figures) => {
      clearTimeout(timer)
      cluster.off('message', hear)
      resolve(figures)
    }
    const hear = (from: Worker, message: unknown) => {
      const answer = toMessage(message)
      if (from.id === worker.id && answer?.mplogin === 'figures' && answer.id === id) settle(answer.figures)
    }
    const timer = setTimeout(settle, answerWithinMs)
    cluster.on('message', hear)
    if (worker.isConnected()) worker.send({ mplogin: 'figures?', id } satisfies Message)
    else settle()
  })
}
