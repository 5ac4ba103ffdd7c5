import { createPlan, partNames } from '../plan.js'
import { writeChart } from '../report/write-chart.js'
import { writePage } from '../report/write-page.js'
import { describeMachine } from './machine.js'
import { help, parseOptions } from './options.js'
import { createProgress } from './progress.js'
import { runQuick } from './quick.js'
import { keepResult, peerVersions, readResults, resultsDirectory, writeDoc } from './results.js'
import { createRig } from './rig.js'
import { expectedSeconds, peersOf, runSetting } from './run-part.js'

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
  const rig = await createRig({ addresses: options.addresses, say: progress.say })
  const interrupt = signal => {
    progress.print(`${signal}: removing databases and processes …`)
    rig.abandon().finally(() => process.exit(130))
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupt)
  try {
    await openDatabases(rig, options)
    const isRight = options.quick ? await runQuick(rig, options, progress) : await runParts(rig, options, progress)
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

async function runParts(rig, options, progress) {
  const plan = createPlan({ few: options.few, many: options.many })
  const directory = resultsDirectory(options.isTold)
  const wanted = options.parts.map(part => [
    part,
    plan[part]
      .filter(setting => options.databases.includes(setting.database))
      .map(setting => ({ ...setting, peers: peersOf(setting, options) }))
      .filter(setting => setting.peers.length > 0),
  ])
  for (const setting of wanted.flatMap(([, settings]) => settings)) progress.expect(expectedSeconds(setting, options))
  const { rounds, seconds, warmUpSeconds } = options
  const trial = {}
  for (const [part, settings] of wanted.filter(([, settings]) => settings.length > 0)) {
    const measured = []
    for (const setting of settings) measured.push(await runSetting(rig, part, setting, options, progress))
    await rig.seeds.dropAll()
    const databases = await Promise.all(options.databases.map(async kind => (await rig.open(kind)).version))
    trial[part] = {
      machine: describeMachine(),
      versions: { databases, peers: peerVersions() },
      options: { rounds, seconds, warmUpSeconds },
      settings: measured,
    }
    keepResult(directory, part, trial[part])
  }
  if (options.isTold) writeDocs(progress)
  else progress.print(`\n${writePage(trial, { chart: 'not drawn' })}`)
  return countWrong(trial) === 0
}

/** Answers that were not right make a run fail; those of a race are what it is about. */
function countWrong(results) {
  const records = Object.values(results).flatMap(({ settings }) =>
    settings.flatMap(setting => Object.values(setting.records ?? {}).flat()),
  )
  return records.reduce((sum, record) => sum + record.failed, 0)
}

/** Writes the docs when all parts are there, measured on one machine in one way. */
function writeDocs(progress) {
  const results = readResults(resultsDirectory(true))
  const missing = partNames.filter(part => !(part in results))
  if (missing.length > 0) {
    progress.print(`The docs are written once all parts were measured; missing: ${missing.join(', ')}`)
    return false
  }
  const kinds = new Set(Object.values(results).map(({ machine, versions }) => JSON.stringify({ machine, versions })))
  if (kinds.size > 1) {
    progress.print('The parts were measured on different machines or versions: run them again on one')
    return false
  }
  writeDoc('benchmarks.md', writePage(results, { chart: 'images/benchmarks.svg' }))
  writeDoc('images/benchmarks.svg', writeChart(results))
  progress.print('wrote docs/benchmarks.md and docs/images/benchmarks.svg')
  return true
}
