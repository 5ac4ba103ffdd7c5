import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Db, Tx } from '../driver.js'
import { DatabaseUnavailableError } from '../failure-kind.js'

/** Works committed together at most, and the time they may take: the first of them does not wait long for the last. */
const maxBatch = 100
const maxBatchMs = 100

interface Job {
  work(tx: Tx): Promise<unknown>
  resolve(result: never): void
  reject(error: unknown): void
}

type Outcome = { readonly result: unknown } | { readonly error: unknown }

/**
 * Commits the transactions of one turn of the event loop together: one fsync for all of them. Each runs within a
 * savepoint, so that one that fails takes back only its own writes; nobody is answered before the commit.
 */
export function createGroupCommit(db: Db) {
  const waiting: Job[] = []
  let isClosed = false
  let draining: Promise<void> | undefined

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await nextTurn()
      const batch = waiting.splice(0, maxBatch)
      const done = await runBatch(db, batch)
      waiting.unshift(...batch.slice(done))
    }
    draining = undefined
  }

  return {
    /** Runs work in a transaction that it shares with others of this turn. */
    run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
      if (isClosed) return Promise.reject(new DatabaseUnavailableError('the database is closed'))
      return new Promise<T>((resolve, reject) => {
        waiting.push({ work, resolve, reject })
        draining ??= drain()
      })
    },
    /** Takes no more work, and resolves when what there is has been committed. */
    async close(): Promise<void> {
      isClosed = true
      await draining
    },
  }
}

/** Returns how many of the jobs are settled: one that was slow ends the batch. */
async function runBatch(db: Db, jobs: readonly Job[]): Promise<number> {
  const outcomes: Outcome[] = []
  try {
    await db.transaction().execute(async tx => {
      const startedAt = performance.now()
      for (const job of jobs) {
        outcomes.push(await runOne(tx, job))
        if (performance.now() - startedAt > maxBatchMs) break
      }
    })
  } catch (error) {
    for (const job of jobs) job.reject(error)
    return jobs.length
  }
  for (const [i, outcome] of outcomes.entries()) {
    const job = jobs[i] as Job
    if ('error' in outcome) job.reject(outcome.error)
    else job.resolve(outcome.result as never)
  }
  return outcomes.length
}

async function runOne(tx: Tx, { work }: Job): Promise<Outcome> {
  await sql`savepoint job`.execute(tx)
  try {
    const result = await work(tx)
    await sql`release job`.execute(tx)
    return { result }
  } catch (error) {
    try {
      await sql`rollback to job`.execute(tx)
      await sql`release job`.execute(tx)
    } catch {
      // SQLite took back the whole batch by itself, as it does when the disk is full.
      throw error
    }
    return { error }
  }
}
