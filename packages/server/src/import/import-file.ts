import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { writeAudit } from '../ops/audit.js'
import { holdCurrentSecret } from '../ops/current-secret.js'
import type { Database } from '../store/database.js'
import { classifyDatabaseError } from '../store/failures.js'
import { type ColumnOptions, type ImportRow, parseRow } from './columns.js'
import { assertReportPath, writeConflictReport } from './conflict-report.js'
import { type ImportContext, importRows } from './import-rows.js'
import { createImportState, type ImportState } from './import-state.js'
import { readCsv } from './read-csv.js'
import { idOf, type ValidFile } from './validate-file.js'

/** Rows imported in one transaction. */
const batchSize = 500
/** How long a database that is out of reach is waited for. */
const patienceMs = 60_000
const retryEveryMs = 1000

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

/** What a run came to. */
export interface ImportResult extends ImportState {
  /** An earlier run had finished the file: this one changed nothing. */
  readonly wasFinished: boolean
}

/**
 * Imports a validated file, batch by batch. What is done is remembered with the batch in its transaction: the same
 * file continues where it was, and once it is finished changes nothing. The report of conflicts is written whenever a
 * run ends.
 *
 * @throws ImportTakenOverError · ReportPathError nothing was imported
 */
export async function importFile(database: Database, file: ValidFile, options: ImportOptions): Promise<ImportResult> {
  const { path, reportPath, context } = options
  const state = createImportState(database, { id: file.id, run: uuidv7(), now: context.now })
  await assertReportPath(reportPath, path)
  const wasFinished = (await state.read())?.isFinished ?? false
  if (!wasFinished) await importRest(state, file, options)
  const result = await state.read()
  if (!result) throw new Error('the import is gone from the database')
  if (result.conflicts > 0) await writeConflictReport(reportPath, state.conflicts())
  return { ...result, wasFinished }
}

/** Imports what former runs left. */
async function importRest(
  state: ReturnType<typeof createImportState>,
  file: ValidFile,
  { path, columns, context, onProgress, signal }: ImportOptions,
): Promise<void> {
  let done = await state.begin()
  const importBatch = async (rows: readonly ImportRow[]) => {
    await patiently(() =>
      state.importBatch(done, rows.length, async tx => {
        await holdCurrentSecret(tx, context.keyring)
        return importRows(tx, rows, context)
      }),
    )
    done += rows.length
    onProgress?.(done)
    await nextTurn()
  }
  onProgress?.(done)
  const csv = readCsv(path)
  let skip = done
  let batch: ImportRow[] = []
  for await (const { line, cells } of csv.rows) {
    if (skip-- > 0) continue
    const row = cells && parseRow(line, cells, columns)
    if (!row || Array.isArray(row)) throw changed(done)
    batch.push(row as ImportRow)
    if (batch.length < batchSize) continue
    await importBatch(batch)
    batch = []
    if (signal?.aborted) return
  }
  if (batch.length > 0) await importBatch(batch)
  if (idOf(csv.digest(), columns) !== file.id) throw changed(done)
  await state.finish(async (tx, { created, linked, conflicts }) => {
    const detail = { file: file.id, created, linked, conflicts }
    await writeAudit(tx, context.now, [{ action: 'accounts.imported', actor: 'admin', detail }])
  })
}

function changed(rowsDone: number): Error {
  return new Error(
    `the file was changed while it was imported, and ${rowsDone} rows are done; run the same command again to import what it holds now`,
  )
}

/** Waits for a database that is out of reach, for a while. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + patienceMs; ; await delay(retryEveryMs)) {
    try {
      return await work()
    } catch (error) {
      if (classifyDatabaseError(error) !== 'unavailable' || performance.now() > until) throw error
    }
  }
}
