import { statSync } from 'node:fs'
import { type Platforms, readPlatforms, rememberPlatforms } from '../accounts/platforms.js'
import { readConfig } from '../config/read-config.js'
import { type ImportResult, importFile } from '../import/import-file.js'
import { type InvalidFile, type ValidFile, validateFile } from '../import/validate-file.js'
import { interruptible } from './interruptible.js'
import { createProgress } from './progress.js'
import { withDatabase } from './with-database.js'

/** Problems printed at most; the rest is counted. */
const shownProblems = 20

interface Options {
  countryCode?: string
  conflicts?: string
  dryRun?: boolean
  english?: boolean
}

/** `mplogin import` */
export async function runImport(path: string, options: Options): Promise<void> {
  const config = readConfig()
  const columns = { appids: config.apps.map(app => app.appid), countryCode: parseCountryCode(options.countryCode) }
  const bytes = sizeOf(path)
  await interruptible('Stopped while the file was checked; nothing was imported.', async signal => {
    const checking = createProgress('checking', 'MB')
    const checked = await validateFile(path, {
      columns,
      signal,
      onProgress: read => checking.update(megabytes(read), megabytes(bytes)),
    }).finally(checking.stop)
    if ('problems' in checked) throw new Error(describeProblems(path, checked))
    process.stdout.write(`${path}: ${checked.rows} users, all of them well-formed.\n`)
    if (options.dryRun) return
    const reportPath = options.conflicts ?? `${path}.conflicts.csv`
    const result = await withDatabase(config, async (database, keyring) => {
      const platforms = await readPlatforms(database, config.apps)
      assertUnchanged(platforms)
      // Servers that start later must know under what names unionids were stored.
      await rememberPlatforms(database, platforms.unknown, new Date())
      const importing = createProgress('importing', 'rows')
      return importFile(database, checked, {
        path,
        columns,
        reportPath,
        context: { keyring, platformOf: platforms.of, language: options.english ? 'en' : 'zh-CN', now: new Date() },
        onProgress: done => importing.update(done, checked.rows),
        signal,
      }).finally(importing.stop)
    })
    process.stdout.write(describeResult(result, checked, reportPath))
    if (!result.isFinished) process.exitCode = 130
  })
}

/** The servers' settings say under which platform unionids are stored, not those of whoever imports. */
function assertUnchanged({ changed: [change] }: Platforms): void {
  if (!change) return
  const { appid, from, to } = change
  throw new Error(
    `WECHAT_APPS: openPlatform of ${appid} is ${JSON.stringify(to)} here and ${JSON.stringify(from)} on the servers of this database; import with the servers' settings`,
  )
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1_000_000)
}

function sizeOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new Error(`${path}: there is no such file`)
  // It is read twice: checked, then imported.
  if (!found.isFile()) throw new Error(`${path} is not a file; write the users to one first`)
  return found.size
}

function parseCountryCode(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const [, code] = /^\+?([1-9]\d{0,2})$/.exec(text) ?? []
  if (code === undefined) throw new Error('--country-code: expected the digits of a country, such as 86')
  return code
}

function describeProblems(path: string, { problems, problemCount }: InvalidFile): string {
  const lines = problems.slice(0, shownProblems).map(({ line, message }) => `  line ${line}: ${message}`)
  const more = problemCount - lines.length
  return [
    `${path}: ${problemCount} ${problemCount === 1 ? 'problem' : 'problems'}; nothing was imported`,
    ...lines,
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ].join('\n')
}

function describeResult(result: ImportResult, { rows }: ValidFile, reportPath: string): string {
  const { created, linked, unchanged, conflicts } = result
  const counts = `${created} created, ${linked} added to, ${unchanged} unchanged, ${conflicts} in conflict`
  const report = conflicts > 0 ? `Conflicts were left as they are; decide about them: ${reportPath}\n` : ''
  if (result.wasFinished) return `This file was imported before (${counts}); nothing changed.\n${report}`
  return result.isFinished
    ? `Imported: ${counts}.\n${report}`
    : `Stopped after ${result.rowsDone} of ${rows} rows (${counts}); the same command continues.\n${report}`
}
