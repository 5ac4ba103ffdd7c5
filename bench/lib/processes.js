import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createAsker } from './ipc.js'
import { createReader } from './wire.js'

const probe = new URL('./probe.js', import.meta.url).href
const bench = new URL('../', import.meta.url)
const stopWithinMs = 15_000
const startWithinMs = 30_000
/** Signing many people in takes longest. */
const answerWithinMs = 180_000
const running = new Set()

/**
 * Starts a process of the bench with nothing of our environment but the path; what it prints goes to a file.
 *
 * @param module its path, from `bench/`
 * @param isPeer whether it is measured: it then answers `usage` (lib/probe.js) and knows nothing of the bench
 */
export function startProcess(module, { args = [], env = {}, directory, name, isPeer = false }) {
  const logPath = `${directory}/${name}.log`
  const log = openSync(logPath, 'a')
  const { PATH = '', HOME = '' } = process.env
  const child = fork(fileURLToPath(new URL(module, bench)), args, {
    cwd: directory,
    env: { PATH, HOME, ...(isPeer && { NODE_ENV: 'production' }), ...env },
    execArgv: isPeer ? ['--import', probe] : [],
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  running.add(child)
  const ended = once(child, 'exit')
  ended.then(() => running.delete(child))
  const ask = createAsker(child)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const output = () => readFileSync(logPath, 'utf8').slice(-2000)
  return {
    pid: child.pid,
    hasEnded,
    /** The end of what it printed. */
    output,
    /** Asks a verb of it (ipc.js); when it has ended, the error says how. */
    async ask(verb, value) {
      let timer
      const waiting = new Promise((_, reject) => {
        const late = () => new Error(`${name} did not answer "${verb}" in ${answerWithinMs / 1000} s:\n${output()}`)
        timer = setTimeout(() => reject(late()), answerWithinMs)
      })
      try {
        return await Promise.race([ask(verb, value), waiting])
      } catch (cause) {
        if (!hasEnded()) throw cause
        throw new Error(`${name} has ended (${child.signalCode ?? `code ${child.exitCode}`}):\n${output()}`, { cause })
      } finally {
        clearTimeout(timer)
      }
    },
    async stop() {
      const killing = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      child.kill('SIGTERM')
      await ended
      clearTimeout(killing)
    },
  }
}

/** Ends at once whatever still runs. */
export function killAll() {
  for (const child of running) child.kill('SIGKILL')
}

/** Resolves once the process has answered a request on its port, whatever it answered. */
export async function firstAnswer(server, port, text) {
  const until = Date.now() + startWithinMs
  for (;;) {
    const status = await tryOnce(port, text)
    if (status !== undefined) return status
    if (server.hasEnded()) throw new Error(`it ended:\n${server.output()}`)
    if (Date.now() > until) throw new Error(`it does not answer:\n${server.output()}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

const tryOnce = (port, text) =>
  new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(text, 'latin1'))
    const end = status => {
      socket.destroy()
      resolve(status)
    }
    socket.on(
      'data',
      createReader(head => end(Number(head.slice(9, 12)))),
    )
    socket.on('error', () => end(undefined))
    socket.on('close', () => end(undefined))
  })

/** A port that nobody listens on now. */
export async function freePort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}
