import { randomBytes } from 'node:crypto'
import { createWriteStream, renameSync, statSync, writeFileSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'

const header = 'line,reason,accounts\n'

/** The report cannot be written where it was asked for. */
export class ReportPathError extends Error {
  override readonly name = 'ReportPathError'
}

/**
 * Checks, before anything is imported, that a report can be written to `path` and that nobody's file is lost by it.
 *
 * @throws ReportPathError
 */
export async function assertReportPath(path: string, input: string): Promise<void> {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found) {
    const source = statSync(input)
    if (found.dev === source.dev && found.ino === source.ino)
      throw new ReportPathError(`${path} is the file of the users itself; name another one for the conflicts`)
    if (!found.isFile() || !(await beginsWithHeader(path)))
      throw new ReportPathError(`${path} is there already, and is no report of conflicts; name another one`)
    return
  }
  try {
    // Whether it can be made is known only when it is.
    writeFileSync(path, '', { flag: 'wx' })
    await rm(path)
  } catch (error) {
    throw new ReportPathError(
      `the conflicts cannot be written to ${path} (${(error as NodeJS.ErrnoException).code}); name another file with --conflicts`,
    )
  }
}

async function beginsWithHeader(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(header.length), 0, header.length, 0)
    return buffer.toString('utf8', 0, bytesRead) === header
  } finally {
    await file.close()
  }
}

/** Writes the report: all of it, or nothing. */
export async function writeConflictReport(
  path: string,
  conflicts: AsyncIterable<{ line: number; reason: string; account_ids: string }>,
): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.part`
  await pipeline(
    async function* () {
      yield header
      for await (const { line, reason, account_ids } of conflicts) yield `${line},${reason},${account_ids}\n`
    },
    createWriteStream(draft, { flags: 'wx' }),
  )
  renameSync(draft, path)
}
