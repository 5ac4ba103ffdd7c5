import { dayMs, hourMs } from '../clock.js'
import type { Database, Tx } from '../store/database.js'

/** Ended sessions stay this long, so that a late token is told why it does not count any more. */
const keepEndedSessionsMs = 30 * dayMs
const everyMs = hourMs

/** Sessions removed in one transaction at most. */
const batchSize = 1000

/** Removes rows that nobody can ask for any more: spent tickets that are over, sessions that ended a month ago. */
export async function sweep(database: Database, now: Date): Promise<void> {
  await database.runStatement(db => db.deleteFrom('spent_tickets').where('expires_at', '<', now.getTime()).execute())
  while ((await database.transact(tx => sweepSessions(tx, now))) === batchSize);
}

/** Removes a batch of sessions; when they were last seen goes over to their accounts. */
async function sweepSessions(tx: Tx, now: Date): Promise<number> {
  const ended = await tx
    .selectFrom('sessions')
    .select(['id', 'account_id', 'last_seen_at'])
    .where('expires_at', '<', now.getTime() - keepEndedSessionsMs)
    .orderBy('expires_at')
    .limit(batchSize)
    .execute()
  if (ended.length === 0) return 0
  const lastSeen = new Map<string, number>()
  for (const { account_id, last_seen_at } of ended) {
    lastSeen.set(account_id, Math.max(last_seen_at, lastSeen.get(account_id) ?? 0))
  }
  for (const [id, last_seen_at] of [...lastSeen].sort()) {
    await tx
      .updateTable('accounts')
      .set({ last_seen_at })
      .where('id', '=', id)
      .where('last_seen_at', '<', last_seen_at)
      .execute()
  }
  const ids = ended.map(session => session.id)
  await tx.deleteFrom('sessions').where('id', 'in', ids).execute()
  return ended.length
}

/** Does these works every hour, and tells `onError` of those that failed. Returns the stop. */
export function startHousekeeping(
  works: readonly (() => Promise<void>)[],
  onError: (error: unknown) => void,
): () => void {
  const timer = setInterval(() => {
    for (const work of works) work().catch(onError)
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
