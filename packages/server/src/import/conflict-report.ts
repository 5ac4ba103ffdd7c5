import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import type { ConflictReason } from './decide-row.js'

/** A row that was left for a person to decide. */
export interface RowConflict {
  readonly line: number
  readonly reason: ConflictReason
  /** The accounts that are there already. */
  readonly accountIds: readonly string[]
}

const header = 'line,reason,accounts\n'

/**
 * The report of an import. The database remembers its length with the rows that are done, so that a batch that was
 * taken back, or a process that was killed, leaves no line in it twice.
 *
 * @param length of what counts, in bytes; 0 for a new report
 */
export function openConflictReport(path: string, length: number) {
  const file = openSync(path, length === 0 ? 'w' : 'a+')
  closeSync(file)
  const handle = openSync(path, 'r+')
  let written = length === 0 ? append(0, header) : Math.min(length, fstatSync(handle).size)

  function append(at: number, text: string): number {
    const bytes = Buffer.from(text)
    ftruncateSync(handle, at)
    writeSync(handle, bytes, 0, bytes.length, at)
    fsyncSync(handle)
    return at + bytes.length
  }

  return {
    /** Length of what counts. */
    length: () => written,
    /** Writes the conflicts of a batch that is about to be committed; returns the length with them. */
    write(conflicts: readonly RowConflict[]): number {
      if (conflicts.length === 0) return written
      const lines = conflicts.map(({ line, reason, accountIds }) => `${line},${reason},${accountIds.join(' ')}\n`)
      return append(written, lines.join(''))
    },
    /** What was written counts from now on. */
    keep(lengthNow: number): void {
      written = lengthNow
    },
    close: () => closeSync(handle),
  }
}

export type ConflictReport = ReturnType<typeof openConflictReport>
