import { type DatabaseFailure, DatabaseUnavailableError, RaceLostError } from './failure-kind.js'
import { classifyMysqlError } from './mysql/errors.js'
import { classifyPostgresError } from './postgres/errors.js'
import { classifySqliteError } from './sqlite/errors.js'

/** Tells the kind of a database error; undefined when it is none that we know. */
export function classifyDatabaseError(error: unknown): DatabaseFailure | undefined {
  if (error instanceof RaceLostError) return 'conflict'
  if (error instanceof DatabaseUnavailableError) return 'unavailable'
  if (typeof error !== 'object' || error === null) return undefined
  return classifySqliteError(error) ?? classifyPostgresError(error) ?? classifyMysqlError(error)
}
