/**
 * The load, in a process of its own, over raw sockets: each connection sends its next request when the former was
 * answered, and each answer is read and judged.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createConnection } from './lib/connection.js'
import { createHistogram } from './lib/histogram.js'
import { answerParent } from './lib/ipc.js'
import { createWorks } from './lib/works.js'
import { getPeer } from './peers/index.js'

let requests
let works
let connections = []
let work
let running = 0
let onIdle
let failed = { count: 0, samples: [] }
let since = begin()
/** When the last connection came to rest, if all have. */
let restsSince
const state = { accounts: 0, nextNew: 0, signedIn: [], unseen: [] }

function begin() {
  return { at: performance.now(), histogram: createHistogram(), failures: 0, cpu: process.cpuUsage() }
}

const sampleOf = (status, body) => `${status} ${Buffer.from(body.slice(0, 300), 'latin1')}`

function fail(status, body) {
  since.failures++
  failed.count++
  if (failed.samples.length < 3) failed.samples.push(sampleOf(status, body))
}

function rest() {
  running--
  if (running > 0) return
  restsSince = performance.now()
  onIdle?.()
}

function drive(connection) {
  const next = works[work]()
  if (next === undefined) return rest()
  const { text, expected, onAnswer } = next
  const sentAt = performance.now()
  connection.send(text, (status, body) => {
    since.histogram.add(performance.now() - sentAt)
    if (status !== 200 || !expected.every(part => body.includes(part))) fail(status, body)
    onAnswer?.(body)
    if (work !== undefined) return drive(connection)
    rest()
  })
}

/** Sends one request to the one connection and resolves to its answer. */
const ask = (connection, text) =>
  new Promise(resolve => connection.send(text, (status, body) => resolve({ status, body })))

function closeAll() {
  for (const connection of connections) connection.close()
  connections = []
}

answerParent({
  /** Connects to the ports, evenly. */
  open({ peer, ports, count, accounts, firstNew }) {
    closeAll()
    requests = getPeer(peer).requests
    connections = Array.from({ length: count }, (_, index) => createConnection(ports[index % ports.length]))
    if (accounts !== undefined) Object.assign(state, { accounts, nextNew: firstNew, signedIn: [], unseen: [] })
    works = createWorks(requests, state)
  },

  /** Logs people in, and keeps their tokens for works that need one: as those `signedIn`, or as those `unseen`. */
  async signIn({ count, as }) {
    const numbers = Array.from({ length: count }, (_, index) => Math.floor((index * state.accounts) / count))
    state[as] = []
    await Promise.all(
      connections.map(async connection => {
        for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
          const { status, body } = await ask(connection, requests.login(number))
          if (status !== 200) throw new Error(`a login was answered with ${status}: ${body}`)
          const accessToken = requests.accessTokenOf(body)
          const refreshToken = requests.refreshTokenOf(body)
          state[as].push({ number, accountId: requests.accountIdOf(body), accessToken, refreshToken })
        }
      }),
    )
  },

  /** Begins a work on all connections. */
  start({ name }) {
    work = name
    failed = { count: 0, samples: [] }
    running = connections.length
    restsSince = undefined
    for (const connection of connections) drive(connection)
  },

  /** Waits until so many were answered since the last mark: a slow server on a busy machine takes its time. */
  async answered({ count }) {
    while (since.histogram.count() < count && running > 0) await delay(20)
  },

  /** What was answered since the last mark, and how long there was nothing left to ask. The load goes on. */
  mark() {
    const { at, histogram, failures, cpu } = since
    const used = process.cpuUsage(cpu)
    since = begin()
    const idleSeconds = restsSince === undefined ? 0 : (since.at - Math.max(restsSince, at)) / 1000
    return {
      ...{ requests: histogram.count(), failures, idleSeconds, loadCpuSeconds: (used.user + used.system) / 1e6 },
      ...{ p50: histogram.quantile(0.5), p99: histogram.quantile(0.99), p999: histogram.quantile(0.999) },
    }
  },

  /** Ends the work once everything under way was answered; tells of the answers that were wrong since its start. */
  stop: () =>
    new Promise(resolve => {
      work = undefined
      onIdle = () => resolve(failed)
      if (running === 0) resolve(failed)
    }),

  /** People who log in for the first time with many requests at once, one person after the other. */
  async race({ people, simultaneous }) {
    const outcome = { succeeded: 0, of: people * simultaneous, samples: [] }
    for (let person = 0; person < people; person++) {
      const number = state.nextNew++
      const answers = await Promise.all(
        connections.slice(0, simultaneous).map(connection => ask(connection, requests.login(number))),
      )
      for (const { status, body } of answers) {
        if (status === 200) outcome.succeeded++
        else if (outcome.samples.length < 3) outcome.samples.push(sampleOf(status, body))
      }
    }
    return outcome
  },

  /** One answer to each request, whatever it is. */
  async probe({ verb, value }) {
    const { status, body } = await ask(connections[0], requests[verb](value))
    return { status, body }
  },

  close: closeAll,
})
process.on('disconnect', () => process.exit())
setInterval(() => {}, 1 << 30)
