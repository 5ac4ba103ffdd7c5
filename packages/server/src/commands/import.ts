import { statSync } from 'node:fs'
import { rememberPlatforms } from '../accounts/platforms.js'
import type { AppSettings } from '../config/apps.js'
import { type Config, readConfig } from '../config/read-config.js'
import { type ImportState, importFile } from '../import/import-file.js'
import { type InvalidFile, type ValidFile, validateFile } from '../import/validate-file.js'
import type { Database } from '../store/database.js'
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
  const checking = createProgress('checking', 'MB')
  const checked = await validateFile(path, columns, read => checking.update(megabytes(read), megabytes(bytes))).finally(
    checking.stop,
  )
  if ('problems' in checked) throw new Error(describeProblems(path, checked))
  process.stdout.write(`${path}: ${checked.rows} users, all of them well-formed.\n`)
  if (options.dryRun) return
  const reportPath = options.conflicts ?? `${path}.conflicts.csv`
  const interruption = interruptible()
  const state = await withDatabase(config, async (database, keyring) => {
    const platforms = await platformsOf(database, config)
    const importing = createProgress('importing', 'rows')
    return importFile(database, checked, {
      path,
      columns,
      reportPath,
      context: { keyring, platformOf: platforms, language: options.english ? 'en' : 'zh-CN', now: new Date() },
      onProgress: done => importing.update(done, checked.rows),
      signal: interruption,
    }).finally(importing.stop)
  })
  process.stdout.write(describeState(state, checked, reportPath))
  if (!state.isFinished) process.exitCode = 130
}

/** The first Ctrl-C ends the import after its batch, the second at once. */
function interruptible(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}

async function platformsOf(database: Database, { apps }: Config) {
  const platformOf = ({ openPlatform = '' }: AppSettings) => openPlatform
  const named = apps.map(app => ({ appid: app.appid, platform: platformOf(app) }))
  const former = await rememberPlatforms(database, named, new Date())
  return (appid: string) => {
    const platform = named.find(app => app.appid === appid)?.platform ?? ''
    return { platform, formerPlatforms: former.get(platform) ?? [] }
  }
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1_000_000)
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (error) {
    throw new Error(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

function parseCountryCode(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const [, code] = /^\+?([1-9]\d{0,2})$/.exec(text) ?? []
  if (code === undefined) throw new Error(`--country-code: found ${JSON.stringify(text)}, expected digits, such as 86`)
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

function describeState(state: ImportState, { rows }: ValidFile, reportPath: string): string {
  const { created, linked, unchanged, conflicts } = state
  if (state.wasFinished) return 'This file was imported before; nothing changed.\n'
  const counts = `${created} created, ${linked} added to, ${unchanged} unchanged, ${conflicts} in conflict`
  const report = conflicts > 0 ? `Conflicts were left as they are; decide about them: ${reportPath}\n` : ''
  return state.isFinished
    ? `Imported: ${counts}.\n${report}`
    : `Stopped after ${state.rowsDone} of ${rows} rows (${counts}); the same command continues.\n${report}`
}
