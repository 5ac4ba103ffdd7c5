import { setImmediate as nextTurn } from 'node:timers/promises'
import { writeAudit } from '../ops/audit.js'
import { holdCurrentSecret } from '../ops/current-secret.js'
import type { Database, Tx } from '../store/database.js'
import { type ColumnOptions, type ImportRow, parseRow } from './columns.js'
import { openConflictReport } from './conflict-report.js'
import { type ImportContext, importRows } from './import-rows.js'
import { readCsv } from './read-csv.js'
import type { ValidFile } from './validate-file.js'

/** Rows imported in one transaction. */
const batchSize = 500

/** How a file is imported. */
export interface ImportOptions {
  readonly path: string
  readonly columns: ColumnOptions
  /** Where rows are reported that somebody has to decide. */
  readonly reportPath: string
  readonly context: ImportContext
  /** Told after every batch how many rows are done. */
  readonly onProgress?: (rowsDone: number) => void
  /** Ends the import after the batch that is under way. */
  readonly signal?: AbortSignal
}

/** How far an import has come, over all its runs. */
export interface ImportState {
  readonly rowsDone: number
  readonly created: number
  readonly linked: number
  readonly unchanged: number
  readonly conflicts: number
  readonly isFinished: boolean
  /** An earlier run had finished it: this one changed nothing. */
  readonly wasFinished: boolean
}

/**
 * Imports a validated file, batch by batch. What is done is remembered with the batch in its transaction: the same
 * file continues where it was, and once it is finished changes nothing.
 */
export async function importFile(database: Database, file: ValidFile, options: ImportOptions): Promise<ImportState> {
  const { path, columns, context, onProgress, signal } = options
  const former = await readState(database, file.id)
  if (former?.finished_at) return { ...toState(former), wasFinished: true }
  const report = openConflictReport(options.reportPath, former?.report_bytes ?? 0)
  let done = former?.rows_done ?? 0
  const importBatch = async (rows: readonly ImportRow[]) => {
    const reportBytes = await database.transact(async tx => {
      await holdCurrentSecret(tx, context.keyring)
      const counts = await importRows(tx, rows, context)
      const bytes = report.write(counts.conflicts)
      const batch = { ...counts, conflicts: counts.conflicts.length, rows: rows.length, reportBytes: bytes }
      await remember(tx, file.id, batch, context.now)
      return bytes
    })
    report.keep(reportBytes)
    done += rows.length
    onProgress?.(done)
    await nextTurn()
  }
  try {
    let skip = done
    let batch: ImportRow[] = []
    for await (const { line, cells } of readCsv(path).rows) {
      if (skip-- > 0) continue
      const row = parseRow(line, cells, columns)
      if (Array.isArray(row)) throw new Error(`line ${line} changed while the file was imported; import it again`)
      batch.push(row as ImportRow)
      if (batch.length < batchSize) continue
      await importBatch(batch)
      batch = []
      if (signal?.aborted) break
    }
    if (!signal?.aborted) {
      if (batch.length > 0) await importBatch(batch)
      if (done !== file.rows) throw new Error('the file changed while it was imported; import it again')
      await finish(database, file.id, context)
    }
  } finally {
    report.close()
  }
  const state = await readState(database, file.id)
  if (!state)
    return { rowsDone: 0, created: 0, linked: 0, unchanged: 0, conflicts: 0, isFinished: false, wasFinished: false }
  return toState(state)
}

type Row = NonNullable<Awaited<ReturnType<typeof readState>>>

function readState({ db }: Database, id: string) {
  return db.selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirst()
}

function toState({ rows_done, created, linked, unchanged, conflicts, finished_at }: Row): ImportState {
  return {
    rowsDone: rows_done,
    created,
    linked,
    unchanged,
    conflicts,
    isFinished: finished_at !== null,
    wasFinished: false,
  }
}

interface BatchCounts {
  readonly rows: number
  readonly created: number
  readonly linked: number
  readonly unchanged: number
  readonly conflicts: number
  readonly reportBytes: number
}

async function remember(tx: Tx, id: string, batch: BatchCounts, now: Date): Promise<void> {
  const updated = await tx
    .updateTable('imports')
    .set(eb => ({
      rows_done: eb('rows_done', '+', batch.rows),
      created: eb('created', '+', batch.created),
      linked: eb('linked', '+', batch.linked),
      unchanged: eb('unchanged', '+', batch.unchanged),
      conflicts: eb('conflicts', '+', batch.conflicts),
      report_bytes: batch.reportBytes,
    }))
    .where('id', '=', id)
    .executeTakeFirst()
  if (updated.numUpdatedRows > 0n) return
  const { rows: rows_done, reportBytes: report_bytes, ...counts } = batch
  const row = { id, rows_done, report_bytes, ...counts, started_at: now.getTime(), finished_at: null }
  await tx.insertInto('imports').values(row).execute()
}

async function finish(database: Database, id: string, { now }: ImportContext): Promise<void> {
  await database.transact(async tx => {
    const state = await tx.selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirst()
    if (!state) {
      const nothing = { rows_done: 0, created: 0, linked: 0, unchanged: 0, conflicts: 0, report_bytes: 0 }
      await tx
        .insertInto('imports')
        .values({ id, ...nothing, started_at: now.getTime(), finished_at: now.getTime() })
        .execute()
      return
    }
    await tx.updateTable('imports').set({ finished_at: now.getTime() }).where('id', '=', id).execute()
    const { created, linked, conflicts } = state
    await writeAudit(tx, now, [
      { action: 'accounts.imported', actor: 'admin', detail: { file: id, created, linked, conflicts } },
    ])
  })
}
