import { ConfigError } from '../config/config-error.js'

/** What a person at the terminal reads when a command fails: the reason and what to do, no stack. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    return `the settings cannot be used\n${error.message.replace(/^/gm, '  ')}\n(mplogin config prints them all once they can)`
  }
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `the port is taken: ${message}; choose another with PORT`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `this machine has no such address: ${message}; choose another with HOST`
  if (code === 'EACCES') return `not permitted: ${message}`
  const cause = (error as Error).cause
  return cause instanceof Error ? `${message} (${cause.message})` : message
}
