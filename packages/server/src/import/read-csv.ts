import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline, Transform } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
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

/** One line with its cells by column. */
export interface CsvRow {
  readonly line: number
  readonly cells: Readonly<Partial<Record<Column, string>>>
  /** Of the file, up to and with this row. */
  readonly bytesRead: number
}

/** A file that is being read. */
export interface CsvFile {
  readonly rows: AsyncIterable<CsvRow>
  /** SHA-256 of the file, once all rows are read. */
  digest(): string
}

/**
 * Reads a CSV file (RFC 4180, UTF-8 with or without BOM) row by row, in constant memory. Lines with too few or too many
 * cells, and whatever cannot be parsed, end the reading with CsvReadError.
 */
export function readCsv(path: string): CsvFile {
  const hash = createHash('sha256')
  const meter = createMeter(chunk => hash.update(chunk))
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxRecordCharacters,
  })
  // The parser's own error is the one that the rows end with.
  pipeline(createReadStream(path), meter.stream, parser, () => {})

  async function* read(): AsyncGenerator<CsvRow> {
    let header: Column[] | undefined
    let line = 1
    try {
      for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
        if (!header) header = parseHeader(record)
        else yield { line, cells: cellsOf(record, header, line), bytesRead: meter.bytes() }
        line = info.lines + 1
      }
    } catch (error) {
      throw asReadError(error, line)
    }
    if (!header) throw new CsvReadError(1, `the file is empty: expected a header with ${columns.join(', ')}`)
  }

  return { rows: read(), digest: () => hash.digest('hex') }
}

function parseHeader(record: readonly string[]): Column[] {
  const names = record.map(name => name.trim().toLowerCase())
  const known = new Set<string>(columns)
  const unknown = names.filter(name => !known.has(name))
  if (unknown.length > 0) {
    const found = unknown.slice(0, 5).map(name => JSON.stringify(name.slice(0, 40)))
    throw new CsvReadError(
      1,
      `unknown columns ${found.join(', ')}: expected a header with some of ${columns.join(', ')}`,
    )
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new CsvReadError(1, `the column ${twice} is there twice`)
  return names as Column[]
}

function cellsOf(record: readonly string[], header: readonly Column[], line: number): CsvRow['cells'] {
  if (record.length !== header.length) {
    throw new CsvReadError(line, `${record.length} cells, where the header has ${header.length}`)
  }
  return Object.fromEntries(header.map((column, i) => [column, record[i]]))
}

/** Passes on valid UTF-8, counting bytes and lines. */
function createMeter(onChunk: (chunk: Buffer) => void) {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let bytes = 0
  let lines = 0
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        decoder.decode(chunk, { stream: true })
      } catch {
        return done(notUtf8(lines + firstBadLine(chunk)))
      }
      onChunk(chunk)
      bytes += chunk.length
      for (const byte of chunk) if (byte === 0x0a) lines++
      done(null, chunk)
    },
    flush(done) {
      try {
        decoder.decode()
        done()
      } catch {
        done(notUtf8(lines + 1))
      }
    },
  })
  return { stream, bytes: () => bytes }
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

function asReadError(error: unknown, line: number): unknown {
  if (!(error instanceof CsvError)) return error
  switch (error.code) {
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
