import { createHash } from 'node:crypto'
import { type ColumnOptions, type ImportRow, type Problem, parseRow } from './columns.js'
import { CsvReadError, readCsv } from './read-csv.js'
import { createSeenBefore } from './seen-before.js'

/** A file whose every row can be imported. */
export interface ValidFile {
  /** Of its content and of how it is read: the same file again continues, or changes nothing. */
  readonly id: string
  readonly rows: number
}

/** What is wrong with a file. */
export interface InvalidFile {
  /** The first of them. */
  readonly problems: readonly Problem[]
  readonly problemCount: number
}

const keptProblems = 1000

/** What a check may be told. */
export interface ValidateOptions {
  readonly columns: ColumnOptions
  /** Told now and then how many bytes were read. */
  readonly onProgress?: (bytesRead: number) => void
  readonly signal?: AbortSignal
}

/**
 * Reads the whole file before anything is imported, and checks every row.
 *
 * @throws the reason of `signal` when it ended the check
 */
export async function validateFile(
  path: string,
  { columns, onProgress, signal }: ValidateOptions,
): Promise<ValidFile | InvalidFile> {
  const problems: Problem[] = []
  let problemCount = 0
  const note = (found: readonly Problem[]) => {
    problemCount += found.length
    problems.push(...found.slice(0, Math.max(0, keptProblems - problems.length)))
  }
  const seen = createSeenBefore()
  const file = readCsv(path)
  let rows = 0
  try {
    for await (const { line, cells, problem = '', bytesRead } of file.rows) {
      if (!cells) note([{ line, message: problem }])
      else {
        const row = parseRow(line, cells, columns)
        note(Array.isArray(row) ? row : seen.check(row as ImportRow))
      }
      rows++
      if (rows % 1000 !== 0) continue
      signal?.throwIfAborted()
      onProgress?.(bytesRead)
    }
  } catch (error) {
    if (!(error instanceof CsvReadError)) throw error
    note([error.problem])
  } finally {
    seen.close()
  }
  return problemCount > 0 ? { problems, problemCount } : { id: idOf(file.digest(), columns), rows }
}

/** What an import is remembered by: the content, and what its rows mean where they leave something out. */
export function idOf(digest: string, { appids, countryCode = '' }: ColumnOptions): string {
  return createHash('sha256').update(`${digest} ${countryCode} ${appids[0]}`).digest('hex')
}
