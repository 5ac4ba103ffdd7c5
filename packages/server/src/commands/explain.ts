import { ConfigError } from '../config/config-error.js'
import { classifyDatabaseError } from '../store/failures.js'

/** What a person at the terminal reads when a command fails: the reason and what to do, no stack. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    return `the settings cannot be used\n${error.message.replace(/^/gm, '  ')}\n(mplogin config prints them all once they can)`
  }
  const { code, message } = error as NodeJS.ErrnoException
  if (classifyDatabaseError(error) === 'unavailable') {
    return `the database cannot be used: ${message}${reasonOf((error as Error).cause)}; check DATABASE_URL`
  }
  if (code === 'EADDRINUSE') return `the port is taken: ${message}; choose another with PORT`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `this machine has no such address: ${message}; choose another with HOST`
  if (code === 'EACCES') return `not permitted: ${message}`
  return `${message}${reasonOf((error as Error).cause)}`
}

/** What is behind an error, in brackets. A host with several addresses fails with an error for each. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return ''
  const text = cause instanceof AggregateError ? cause.errors.map(String).join(', ') : cause.message
  return text === '' ? '' : ` (${text})`
}
