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

/**
 * Reads the whole file before anything is imported, and checks every row.
 *
 * @param onProgress told now and then how many bytes were read
 */
export async function validateFile(
  path: string,
  options: ColumnOptions,
  onProgress: (bytesRead: number) => void = () => {},
): Promise<ValidFile | InvalidFile> {
  const problems: Problem[] = []
  let problemCount = 0
  const note = (found: readonly Problem[]) => {
    problemCount += found.length
    problems.push(...found.slice(0, Math.max(0, keptProblems - problems.length)))
  }
  const seen = createSeenBefore(text => createHash('sha256').update(text).digest('base64url'))
  const file = readCsv(path)
  let rows = 0
  try {
    for await (const { line, cells, bytesRead } of file.rows) {
      const row = parseRow(line, cells, options)
      note(Array.isArray(row) ? row : seen.check(row as ImportRow))
      rows++
      if (rows % 1000 === 0) onProgress(bytesRead)
    }
  } catch (error) {
    if (!(error instanceof CsvReadError)) throw error
    note([error.problem])
  } finally {
    seen.close()
  }
  if (problemCount > 0) return { problems, problemCount }
  const id = createHash('sha256')
    .update(`${file.digest()} ${options.countryCode ?? ''}`)
    .digest('hex')
  return { id, rows }
}
