import { classifySqliteError } from './sqlite/errors.js'

/**
 * What a database error means to us: `conflict`, another request won a race and deciding again may succeed;
 * `unavailable`, the database cannot serve now. Anything else is a mistake of ours.
 */
export type DatabaseFailure = 'conflict' | 'unavailable'

/** Tells the kind of a database error; undefined when it is none that we know. */
export function classifyDatabaseError(error: unknown): DatabaseFailure | undefined {
  return typeof error === 'object' && error !== null ? classifySqliteError(error) : undefined
}
