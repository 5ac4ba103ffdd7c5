/**
 * What a database error means to us: `conflict`, another request won a race and deciding again may succeed;
 * `unavailable`, the database cannot serve now. Anything else is a mistake of ours.
 */
export type DatabaseFailure = 'conflict' | 'unavailable'

/** What a transaction read has changed before it could be locked: it is run again. */
export class RaceLostError extends Error {
  override readonly name = 'RaceLostError'
}

/** No connection, or a connection that broke: the database said nothing about the statement. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
}

/** The file cannot be opened as a database; nothing was changed. */
export class DatabaseOpenError extends Error {
  override readonly name = 'DatabaseOpenError'
}
