import { Type } from 'typebox'

/** A mini program's id. Its shape (wx and 16 hex digits) is a habit of WeChat's, not a promise, so only its length is checked. */
export const Appid = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'The mini program; the first one configured when left out',
})

/** An instant on the wire: ISO 8601 in UTC. */
export const Instant = Type.String({ description: 'ISO 8601, UTC' })
