import { createPlan, partNames } from '../plan.js'
import { writeChart } from '../report/write-chart.js'
import { writePage } from '../report/write-page.js'
import { describeMachine } from './machine.js'
import { help, parseOptions } from './options.js'
import { createProgress } from './progress.js'
import { runQuick } from './quick.js'
import { forgetResults, keepResult, peerVersions, readResults, resultsDirectory, writeDoc } from './results.js'
import { createRig } from './rig.js'
import { describeSetting, expectedSeconds, peersOf, runSetting } from './run-part.js'

/**
 * The command.
 *
 * @returns the exit code
 */
export async function main(args) {
  const options = parseOptions(args)
  const progress = createProgress()
  if (options.help) {
    progress.print(help)
    return 0
  }
  if (options.report) return writeDocs(progress) ? 0 : 1
  const chosen = choose(options)
  if (!options.quick) tellPlan(chosen, options, progress)
  if (options.estimate) return 0
  const rig = await createRig({ addresses: options.addresses, say: progress.say })
  const interrupt = signal => {
    progress.print(`${signal}: removing databases and processes …`)
    rig.abandon().finally(() => process.exit(130))
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupt)
  try {
    await openDatabases(rig, options)
    const isRight = options.quick
      ? await runQuick(rig, options, progress)
      : await runParts(rig, chosen, options, progress)
    await rig.close()
    return isRight ? 0 : 1
  } catch (error) {
    await rig.abandon()
    throw error
  }
}

/** @throws TypeError when a server does not answer, before anything is measured */
async function openDatabases(rig, { databases, addresses }) {
  for (const kind of databases) {
    await rig.open(kind).catch(({ message, code }) => {
      const { host } = new URL(addresses[kind])
      throw new TypeError(
        `${kind} does not answer at ${host} (${message || code}): --${kind} URL, or --databases without it`,
      )
    })
  }
}

/** The parts that were asked for, with their settings and who takes part in them. */
function choose(options) {
  const plan = createPlan(options)
  return options.parts
    .map(part => {
      const settings = plan[part]
        .filter(setting => options.databases.includes(setting.database))
        .map(setting => ({ ...setting, peers: peersOf(setting, options) }))
        .filter(setting => setting.peers.length > 0)
      return { part, settings }
    })
    .filter(({ settings }) => settings.length > 0)
}

/** Says what will be measured, and how long it will take. */
function tellPlan(chosen, options, progress) {
  const { rounds, seconds, warmUpSeconds } = options
  const minutes = setting => expectedSeconds(setting, options) / 60
  progress.print(`${rounds} rounds, ${warmUpSeconds} s of warm-up, ${seconds} s for each work; minutes, roughly:`)
  for (const { part, settings } of chosen) {
    for (const setting of settings) {
      const about = `${describeSetting(setting)} · ${setting.peers.join(', ')}`
      progress.print(`${minutes(setting).toFixed(1).padStart(6)}  ${part.padEnd(10)} ${about}`)
      progress.expect(minutes(setting) * 60)
    }
  }
  const all = chosen.flatMap(({ settings }) => settings).reduce((sum, setting) => sum + minutes(setting), 0)
  progress.print(`${all.toFixed(1).padStart(6)}  in all\n`)
}

async function runParts(rig, chosen, options, progress) {
  const directory = resultsDirectory(options.isTold)
  const { rounds, seconds, warmUpSeconds, isShort } = options
  if (options.parts.length === partNames.length) forgetResults(directory)
  const measured = {}
  const runAt = new Date().toISOString()
  for (const { part, settings } of chosen) {
    const done = []
    for (const setting of settings) done.push(await runSetting(rig, part, setting, options, progress))
    await rig.seeds.dropAll()
    const databases = await Promise.all(options.databases.map(async kind => (await rig.open(kind)).version))
    measured[part] = {
      runAt,
      machine: describeMachine(),
      versions: { databases, peers: peerVersions() },
      options: { rounds, seconds, warmUpSeconds, isShort },
      settings: done,
    }
    keepResult(directory, part, measured[part])
    if (options.isTold) writeDocs(progress)
  }
  if (!options.isTold) progress.print(`\n${writePage(measured, { chart: 'not drawn' })}`)
  return countWrong(measured) === 0
}

/** Answers that were not right and rounds that were lost make a run fail; failures of a race are what it is about. */
function countWrong(results) {
  const settings = Object.values(results).flatMap(part => part.settings)
  const records = settings.flatMap(setting => Object.values(setting.records ?? {}).flat())
  const lost = settings.flatMap(setting => setting.lost ?? [])
  return records.reduce((sum, record) => sum + record.failed, lost.length)
}

/** Writes the docs from the parts that were measured, when it was on one machine in one way. */
function writeDocs(progress) {
  const results = readResults(resultsDirectory(true))
  if (!('logins' in results)) {
    progress.print('docs/benchmarks.md is written once the logins were measured')
    return false
  }
  const ways = new Set(
    Object.values(results).map(({ machine, versions, options }) => JSON.stringify({ machine, versions, options })),
  )
  if (ways.size > 1) {
    progress.print(
      'docs/benchmarks.md stays: its parts were measured on different machines, versions or in different ways',
    )
    return false
  }
  writeDoc('benchmarks.md', writePage(results, { chart: 'images/benchmarks.svg' }))
  writeDoc('images/benchmarks.svg', writeChart(results))
  progress.print('wrote docs/benchmarks.md and docs/images/benchmarks.svg')
  return true
}
