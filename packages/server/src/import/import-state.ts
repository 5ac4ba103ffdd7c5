import type { Database, Tx } from '../store/database.js'
import type { RowConflict, RowCounts } from './import-rows.js'

/** How far the import of a file has come, over all its runs. */
export interface ImportState {
  readonly rowsDone: number
  readonly created: number
  readonly linked: number
  readonly unchanged: number
  readonly conflicts: number
  readonly isFinished: boolean
}

/** Another run of the same import began: it goes on from where this one was, and this one ends. */
export class ImportTakenOverError extends Error {
  override readonly name = 'ImportTakenOverError'

  constructor() {
    super('another mplogin has taken this import over, and goes on with it')
  }
}

/** What the database remembers of the import of a file. */
export function createImportState(database: Database, { id, run, now }: { id: string; run: string; now: Date }) {
  /** How far the import has come; undefined before its first run. */
  async function read(): Promise<ImportState | undefined> {
    const row = await database.db.selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) return undefined
    const { rows_done: rowsDone, created, linked, unchanged, conflicts, finished_at } = row
    return { rowsDone, created, linked, unchanged, conflicts, isFinished: finished_at !== null }
  }

  /** Makes this run the one that imports; returns the rows that are done. */
  async function begin(): Promise<number> {
    return database.transact(async tx => {
      const known = await tx.selectFrom('imports').select('rows_done').where('id', '=', id).executeTakeFirst()
      if (known) {
        await tx.updateTable('imports').set({ run }).where('id', '=', id).execute()
        return known.rows_done
      }
      const nothing = { rows_done: 0, created: 0, linked: 0, unchanged: 0, conflicts: 0 }
      await tx
        .insertInto('imports')
        .values({ id, run, ...nothing, started_at: now.getTime(), finished_at: null })
        .execute()
      return 0
    })
  }

  /**
   * Imports a batch if it is the next one, and remembers it, in one transaction.
   *
   * @param done rows before it
   * @throws ImportTakenOverError
   */
  async function importBatch(done: number, rows: number, work: (tx: Tx) => Promise<RowCounts>): Promise<void> {
    await database.transact(async tx => {
      const state = await tx
        .selectFrom('imports')
        .select(['run', 'rows_done'])
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirst()
      if (state?.run !== run) throw new ImportTakenOverError()
      // Its commit was done, and only the answer was lost.
      if (state.rows_done === done + rows) return
      const { created, linked, unchanged, conflicts } = await work(tx)
      await writeConflicts(tx, conflicts)
      await tx
        .updateTable('imports')
        .set(eb => ({
          rows_done: done + rows,
          created: eb('created', '+', created),
          linked: eb('linked', '+', linked),
          unchanged: eb('unchanged', '+', unchanged),
          conflicts: eb('conflicts', '+', conflicts.length),
        }))
        .where('id', '=', id)
        .execute()
    })
  }

  async function writeConflicts(tx: Tx, conflicts: readonly RowConflict[]): Promise<void> {
    if (conflicts.length === 0) return
    await tx
      .insertInto('import_conflicts')
      .values(
        conflicts.map(({ line, reason, accountIds }) => ({
          ...{ import_id: id, line, reason },
          account_ids: accountIds.join(' '),
        })),
      )
      .execute()
  }

  /** Carries `work` out once, and remembers that the whole file is imported. */
  async function finish(work: (tx: Tx, state: ImportState) => Promise<void>): Promise<void> {
    const state = await read()
    await database.transact(async tx => {
      const finished = await tx
        .updateTable('imports')
        .set({ finished_at: now.getTime() })
        .where('id', '=', id)
        .where('run', '=', run)
        .where('finished_at', 'is', null)
        .executeTakeFirst()
      if (finished.numUpdatedRows === 1n && state) await work(tx, state)
    })
  }

  /** The conflicts of all runs, by line. */
  async function* conflicts(): AsyncGenerator<{ line: number; reason: string; account_ids: string }> {
    const pageSize = 1000
    for (let after = 0; ; ) {
      const page = await database.db
        .selectFrom('import_conflicts')
        .select(['line', 'reason', 'account_ids'])
        .where('import_id', '=', id)
        .where('line', '>', after)
        .orderBy('line')
        .limit(pageSize)
        .execute()
      yield* page
      after = page.at(-1)?.line ?? after
      if (page.length < pageSize) return
    }
  }

  return { read, begin, importBatch, finish, conflicts }
}
