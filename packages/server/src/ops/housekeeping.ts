import { type Clock, dayMs, minuteMs } from '../clock.js'
import type { Db } from '../store/database.js'

/** Ended sessions stay this long, so that a late token is told why it does not count any more. */
const keepEndedSessionsMs = 30 * dayMs
const everyMs = 60 * minuteMs

/** Removes rows that nobody can ask for any more: spent tickets that are over, sessions that ended a month ago. */
export async function sweep(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('spent_tickets').where('expires_at', '<', now.getTime()).execute()
  await db
    .deleteFrom('sessions')
    .where('expires_at', '<', now.getTime() - keepEndedSessionsMs)
    .execute()
}

/** Sweeps every hour, and tells `onError` when the database could not. Returns the stop. */
export function startHousekeeping(db: Db, clock: Clock, onError: (error: unknown) => void): () => void {
  const timer = setInterval(() => sweep(db, clock()).catch(onError), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
