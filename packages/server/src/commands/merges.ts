import { systemClock } from '../clock.js'
import { readConfig } from '../config/read-config.js'
import { createMerges, type Merge } from '../login/merges.js'
import { withMigratedDatabase } from './with-database.js'

/** `mplogin merges list` */
export async function runListMerges(options: { account?: string; limit: string; json?: boolean }): Promise<void> {
  const limit = parseLimit(options.limit)
  await withMerges(async merges => {
    const found = await merges.listMerges({ ...(options.account && { accountId: options.account }), limit })
    if (options.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
    else process.stdout.write(found.length === 0 ? 'No merges.\n' : found.map(describe).join(''))
  })
}

/** `mplogin merges undo` */
export async function runUndoMerge(id: string): Promise<void> {
  await withMerges(async merges => {
    const { survivorId, loserId } = await merges.undoMerge(id)
    process.stdout.write(
      `${survivorId} and ${loserId} are two accounts again. Devices that signed in since the merge sign in again.\n`,
    )
  })
}

async function withMerges(work: (merges: ReturnType<typeof createMerges>) => Promise<void>): Promise<void> {
  const config = readConfig()
  await withMigratedDatabase(config, database =>
    work(createMerges({ database, clock: systemClock, hooks: {}, undoDays: config.values.MERGE_UNDO_DAYS })),
  )
}

function describe({ id, loserId, survivorId, rule, mergedAt, undoneAt }: Merge): string {
  const undone = undoneAt ? `  undone ${undoneAt.toISOString()}` : ''
  return `${id}  ${mergedAt.toISOString()}  ${rule}  ${loserId} -> ${survivorId}${undone}\n`
}

function parseLimit(text: string): number {
  const limit = Number(text)
  if (/^\d+$/.test(text) && limit >= 1 && limit <= 10_000) return limit
  throw new Error(`--limit: found ${JSON.stringify(text)}, expected a number from 1 to 10000`)
}
