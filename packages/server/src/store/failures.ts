import type { DatabaseFailure } from './failure-kind.js'
import { classifySqliteError } from './sqlite/errors.js'

/** Tells the kind of a database error; undefined when it is none that we know. */
export function classifyDatabaseError(error: unknown): DatabaseFailure | undefined {
  return typeof error === 'object' && error !== null ? classifySqliteError(error) : undefined
}
