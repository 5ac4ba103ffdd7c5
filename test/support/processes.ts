import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { keepOutput } from './collect-output.js'

/** The command as it is published: built, not from sources. */
export const cli = fileURLToPath(new URL('../../packages/server/bin/mplogin.js', import.meta.url))

/** Commands for a look at everything, which show codes and numbers to whoever tries them out. */
const showing = ['dev', 'emulator']

/** A running `mplogin`. */
export interface Running {
  readonly child: ChildProcess
  /** Everything it wrote so far. */
  output(): string
  /** Asks it to end and waits; resolves to its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts `mplogin`, with nothing of the test's own environment that could be a setting. */
export function startCommand(args: readonly string[], options: { cwd: string; env?: Record<string, string> }): Running {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: options.cwd,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  const [command = ''] = args
  if (!showing.includes(command)) child.on('close', () => keepOutput(command, text))
  return {
    child,
    output: () => text,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal)
        await once(child, 'close')
      }
      return child.exitCode
    },
  }
}

/** Runs `mplogin` to its end. */
export async function runCommand(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<{ code: number | null; output: string }> {
  const running = startCommand(args, options)
  await once(running.child, 'close')
  return { code: running.child.exitCode, output: running.output() }
}

/** Waits for a process to say where it listens. */
export async function listeningUrl(running: Running, withinMs = 60_000): Promise<string> {
  const until = Date.now() + withinMs
  for (;;) {
    const [, url] =
      /(?:answers at|listening at|Page|演示页面)\s+(http:\/\/127\.0\.0\.1:\d+)/.exec(running.output()) ?? []
    if (url !== undefined) return url
    if (running.child.exitCode !== null) throw new Error(`it ended: ${running.output()}`)
    if (Date.now() > until) throw new Error(`it does not listen: ${running.output()}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
