/**
 * What a database error means to us: `conflict`, another request won a race and deciding again may succeed;
 * `unavailable`, the database cannot serve now. Anything else is a mistake of ours.
 */
export type DatabaseFailure = 'conflict' | 'unavailable'
