import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { CsvError, type InfoRecord, parse } from 'csv-parse'
import { type Column, columns, type Problem } from './columns.js'

/** Longer records are a mistake: a quote that is not closed, or not a CSV file. */
const maxRecordCharacters = 16 * 1024

/** The file cannot be read as CSV any further. */
export class CsvReadError extends Error {
  override readonly name = 'CsvReadError'
  readonly problem: Problem

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`)
    this.problem = { line, message }
  }
}

/** One row of the file: its cells by column, or why it has none. */
export interface CsvRow {
  /** Where it begins, the header being line 1. */
  readonly line: number
  readonly cells: Readonly<Partial<Record<Column, string>>> | undefined
  readonly problem?: string
  /** Of the file, up to and with what this row was read with. */
  readonly bytesRead: number
}

/** A file that is being read. */
export interface CsvFile {
  readonly rows: AsyncIterable<CsvRow>
  /** SHA-256 of the file, once all rows are read. */
  digest(): string
}

/**
 * Reads a CSV file (RFC 4180, UTF-8 with or without BOM, any kind of line break) row by row, in constant memory. Rows
 * without content, as spreadsheets leave them, are passed over. Whatever cannot be parsed ends the reading with
 * CsvReadError, after the rows before it.
 */
export function readCsv(path: string): CsvFile {
  const hash = createHash('sha256')

  async function* read(): AsyncGenerator<CsvRow> {
    const text = createTextDecoder()
    const parser = createParser()
    let header: Column[] | undefined
    let bytesRead = 0
    const rowsOf = function* ({ records, error }: Parsed): Generator<CsvRow> {
      for (const { line, cells } of records) {
        if (cells.every(cell => cell.trim() === '')) continue
        if (header) yield { line, bytesRead, ...byColumn(cells, header) }
        else header = parseHeader(cells, line)
      }
      if (error) throw error
    }
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytesRead += chunk.length
      yield* rowsOf(await parser.parse(text.decode(chunk)))
    }
    yield* rowsOf(await parser.parse(text.end()))
    yield* rowsOf(await parser.end())
    if (!header) throw new CsvReadError(1, `the file is empty: expected a header with ${columns.join(', ')}`)
  }

  return { rows: read(), digest: () => hash.digest('hex') }
}

interface Parsed {
  readonly records: readonly { readonly line: number; readonly cells: readonly string[] }[]
  readonly error: CsvReadError | undefined
}

/** The library's parser, asked piece by piece, so that what was parsed before an error is known. */
function createParser() {
  let records: { line: number; cells: string[] }[] = []
  let line = 1
  const parser = parse({
    info: true,
    relax_column_count: true,
    record_delimiter: '\n',
    max_record_size: maxRecordCharacters,
    on_record(record: { record: string[] } | string[], { lines }: InfoRecord) {
      records.push({ line, cells: Array.isArray(record) ? record : record.record })
      line = lines + 1
      return null
    },
  })
  // It comes to the callbacks below too.
  parser.on('error', () => {})
  const taken = (error: Error | null | undefined): Parsed => {
    const parsed = { records, error: error ? asReadError(error, line) : undefined }
    records = []
    return parsed
  }
  return {
    parse: (text: string) => new Promise<Parsed>(resolve => parser.write(text, error => resolve(taken(error)))),
    end: () =>
      new Promise<Parsed>(resolve => {
        parser.once('error', error => resolve(taken(error)))
        parser.end(() => resolve(taken(undefined)))
      }),
  }
}

function asReadError(error: Error, line: number): CsvReadError {
  switch (error instanceof CsvError ? error.code : undefined) {
    case 'CSV_MAX_RECORD_SIZE':
      return new CsvReadError(
        line,
        `longer than ${maxRecordCharacters} characters: a quote that is not closed, or not a CSV file`,
      )
    case 'CSV_QUOTE_NOT_CLOSED':
      return new CsvReadError(line, 'a quote is not closed')
    default:
      return new CsvReadError(line, 'a quote within a cell: quote the cell, and write each quote in it twice')
  }
}

function parseHeader(cells: readonly string[], line: number): Column[] {
  const names = cells.map(name => name.trim().toLowerCase())
  const known = new Set<string>(columns)
  const unknown = names.filter(name => !known.has(name))
  if (unknown.length > 0) {
    const found = unknown.slice(0, 5).map(name => JSON.stringify(name.slice(0, 40)))
    throw new CsvReadError(
      line,
      `unknown columns ${found.join(', ')}: expected a header with some of ${columns.join(', ')}`,
    )
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new CsvReadError(line, `the column ${twice} is there twice`)
  return names as Column[]
}

function byColumn(cells: readonly string[], header: readonly Column[]): Pick<CsvRow, 'cells' | 'problem'> {
  if (cells.length !== header.length) {
    return { cells: undefined, problem: `${cells.length} cells, where the header has ${header.length}` }
  }
  return { cells: Object.fromEntries(header.map((column, i) => [column, cells[i]])) }
}

/** Bytes to text, with `\n` for every kind of line break; refuses what is not UTF-8, with its line. */
function createTextDecoder() {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let lines = 0
  let endsWithReturn = false

  function normalize(text: string): string {
    // A `\r` at the end of a piece may be half of `\r\n`.
    const whole = endsWithReturn ? `\r${text}` : text
    endsWithReturn = whole.endsWith('\r')
    const normalized = (endsWithReturn ? whole.slice(0, -1) : whole).replace(/\r\n?/g, '\n')
    lines += normalized.split('\n').length - 1
    return normalized
  }

  return {
    decode(chunk: Buffer): string {
      try {
        return normalize(decoder.decode(chunk, { stream: true }))
      } catch {
        throw notUtf8(lines + firstBadLine(chunk))
      }
    },
    end(): string {
      try {
        return normalize(decoder.decode()) + (endsWithReturn ? '\n' : '')
      } catch {
        throw notUtf8(lines + 1)
      }
    },
  }
}

function notUtf8(line: number): CsvReadError {
  return new CsvReadError(
    line,
    'not UTF-8 (GBK?): save the file as UTF-8, or convert it with: iconv -f GBK -t UTF-8 FILE > NEW_FILE',
  )
}

/** The line of a chunk, from 1, that is not UTF-8. A character may have begun in the chunk before. */
function firstBadLine(chunk: Buffer): number {
  let start = 0
  while (start < chunk.length && ((chunk[start] ?? 0) & 0xc0) === 0x80) start++
  for (let line = 1; ; line++) {
    const end = chunk.indexOf(0x0a, start)
    if (end === -1 || !isUtf8(chunk.subarray(start, end))) return line
    start = end + 1
  }
}
