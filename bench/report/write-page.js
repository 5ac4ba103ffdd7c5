import { peers } from '../peers/index.js'
import { partNames, workTitles } from '../plan.js'
import { ratioText, short, table, titleOf, withSpread } from './cells.js'
import { besideLogins, median, noiseOf, recordsOf, summaryOf } from './summarize.js'
import { writeMethod } from './write-method.js'
import { writeTargets } from './write-targets.js'

const databaseTitles = { postgres: 'PostgreSQL', mysql: 'MariaDB', sqlite: 'SQLite' }
const thousands = number => number.toLocaleString('en')

/**
 * The page of figures.
 *
 * @param results what was measured, by part (bench/results); a part that was not is left out
 * @param chart the path of the chart, seen from the page
 */
export function writePage(results, { chart }) {
  const beside = besideLogins(results)
  const parts = [
    writeHead(results),
    results.logins && writeCost(results, chart),
    writeTargets(results),
    ...Object.values(results).flatMap(({ settings }) => settings.filter(({ records }) => records).map(writeDetail)),
    beside.logins && beside.accounts && writeAccounts(beside),
    beside.logins && beside.processes && writeProcesses(beside),
    results.logins && writeStarts(results),
    results.race && writeRace(results.race),
    writeMethod(results),
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function writeHead(results) {
  const [{ machine, versions, options }] = Object.values(results)
  const { cpu, cores, memoryGiB, node } = machine
  const about = peers.map(({ title, name, about }) => [`**${title}**`, about, versions.peers[name].join(', ')])
  const missing = partNames.filter(part => !(part in results))
  const lines = [
    `Written by \`npm run bench\`; the raw figures are in \`bench/results\`. Measured on ${cpu}, ${cores} cores, ${memoryGiB} GiB,`,
    `Node ${node.slice(1)}, ${versions.databases.join(', ')}; everything on this one machine: the servers, the databases, WeChat and the load.`,
    `Rounds: ${options.rounds}, ${options.seconds} s for each work, after at least ${options.warmUpSeconds} s of warm-up.`,
    options.isShort &&
      'A short run (`--short`): what comes after the race was measured of the floor and mplogin alone.',
    writeRuns(results),
    missing.length > 0 && `Not measured in this run: ${missing.join(', ')}.`,
    writeNoise(results),
  ]
  return `# Benchmarks\n\n${lines.filter(Boolean).join('\n')}\n\n${table(['', 'what it is', 'versions'], about)}`
}

/** Which runs the parts are of, when there were several. */
function writeRuns(results) {
  const runs = groupByRun(results)
  if (runs.size < 2) return undefined
  const texts = [...runs].map(([runAt, parts]) => `${parts.join(', ')} ${runAt.slice(0, 16).replace('T', ' ')} UTC`)
  return `Of several runs: ${texts.join(' · ')}. Only figures of one run are compared; the machine of another may have been a slower or a busier one.`
}

function groupByRun(results) {
  const runs = new Map()
  for (const [part, { runAt }] of Object.entries(results)) runs.set(runAt, [...(runs.get(runAt) ?? []), part])
  return runs
}

/** How quiet the machine was. */
function writeNoise(results) {
  const noises = Object.values(results)
    .flatMap(({ settings }) => settings.flatMap(recordsOf))
    .map(noiseOf)
    .filter(Boolean)
  if (noises.length === 0) return 'How much others used the machine meanwhile is not known.'
  const usual = short(median(noises.map(noise => noise.median)))
  const most = short(Math.max(...noises.map(noise => noise.highest)))
  return `Meanwhile everything that is not the bench used ${usual} processors (median of the rounds that count; at most ${most}).`
}

/** The figure to compare: CPU of the server process. */
function writeCost(results, chart) {
  const [main] = results.logins.settings
  const verify = results.verify?.settings[0]
  const names = main.setting.peers
  const rowOf = ({ records, setting }, work) => {
    const ours = summaryOf(records, 'ours', work)?.cpu
    const cells = names.map(name => {
      if (!setting.peers.includes(name)) return ''
      const lacking = peers.find(peer => peer.name === name).lacks[work]
      if (lacking !== undefined) return `(${lacking})`
      const cost = summaryOf(records, name, work)?.cpu
      if (!cost) return '–'
      return name === 'ours' || !ours
        ? withSpread(cost)
        : `${withSpread(cost)} · ${ratioText(cost.median, ours.median)}`
    })
    return [workTitles[work], ...cells]
  }
  const rows = [
    ...main.setting.works.map(work => rowOf(main, work)),
    ...(verify ? verify.setting.works.map(work => rowOf(verify, work)) : []),
  ]
  return `## What a request costs

CPU seconds of the server process per 1000 requests, the lower the better: ${describe(main.setting)}. In brackets the lowest and
the highest of the rounds that count; × is against mplogin, and ≈ is less than 1.25× apart, which we do not call a difference.

![CPU per request, by peer](${chart})

${table(['', ...names.map(titleOf)], rows)}`
}

function describe({ database, accounts, latencyMs, processes, workers }) {
  const where = `${databaseTitles[database]}, ${thousands(accounts)} accounts`
  const alone = processes === 1 ? 'one process' : `${processes} processes`
  const servers = workers === undefined ? alone : `one command with ${workers} workers`
  return `${where}, WeChat answering after ${latencyMs} ms, ${servers}`
}

/** A server that is faster than the load: its rate is the load's. */
const rateText = ({ rate, loadShare }) => `${short(rate?.median)}${loadShare?.median > 0.9 ? ' (load)' : ''}`

/** Everything measured in one setting. */
function writeDetail({ setting, records, statements, lost }) {
  const rows = setting.works.flatMap(work =>
    setting.peers.flatMap(name => {
      const found = summaryOf(records, name, work)
      if (!found) return []
      const counted = statements?.[name]?.find(count => count.work === work)
      return [
        [
          ...[workTitles[work], titleOf(name), withSpread(found.cpu), rateText(found)],
          ...[found.p50, found.p99, found.p999].map(figure => short(figure?.median)),
          ...[short(found.databaseCpu?.median), short(counted?.statements), short(found.wechatCalls?.median)],
          found.wrong === 0 ? '' : `${found.wrong} wrong`,
        ],
      ]
    }),
  )
  const head = ['', '', 'CPU s/1000', 'requests/s', 'p50 ms', 'p99', 'p99.9', 'database CPU s/1000', 'statements']
  return `## ${setting.works.includes('verify') ? 'Verification' : 'Logins'}: ${describe(setting)}

${table([...head, 'WeChat calls', ''], rows)}${lostText(lost)}`
}

/** What ended before it was measured. */
function lostText(lost = []) {
  return lost.length === 0
    ? ''
    : `\n\nNot measured: ${lost.map(({ name, what }) => `${titleOf(name)}, ${what}`).join('; ')}.`
}

/** What many accounts change. */
function writeAccounts({ logins, accounts }) {
  const [from] = logins.settings
  const [to] = accounts.settings
  const rows = to.setting.works.flatMap(work =>
    to.setting.peers.map(name => {
      const [before, after] = [from, to].map(({ records }) => summaryOf(records, name, work))
      const cells = ['cpu', 'databaseCpu'].map(figure => changeText(before?.[figure]?.median, after?.[figure]?.median))
      return [workTitles[work], titleOf(name), ...cells]
    }),
  )
  const [few, many] = [from, to].map(({ setting }) => thousands(setting.accounts))
  return `## Few accounts and many

CPU seconds per 1000 requests of the server process, and of the database, with ${few} and with ${many}.

${table(['', '', 'server', 'database'], rows)}`
}

const changeText = (one, other) => (one && other ? `${short(one)} → ${short(other)} · ${ratioText(other, one)}` : '–')

/** What a second process changes. The machine is the same: what all takes together may leave no room for it. */
function writeProcesses(results) {
  const { cores } = results.processes.machine
  const single = [...results.logins.settings, ...(results.verify?.settings ?? [])]
  const rows = results.processes.settings
    .filter(({ records }) => records)
    .flatMap(({ setting, records }) =>
      setting.works.flatMap(work =>
        setting.peers.map(name => {
          const one = single.map(measured => summaryOf(measured.records, name, work)).find(Boolean)
          const two = summaryOf(records, name, work)
          const room = one?.wholeCpu && cores / ((one.wholeCpu.median / 1000) * one.rate.median)
          const how = setting.workers === undefined ? `${setting.processes} processes` : `${setting.workers} workers`
          const change = changeText(one?.rate?.median, two?.rate?.median)
          return [workTitles[work], titleOf(name), how, change, room ? `${short(room)}×` : '–']
        }),
      ),
    )
  const isMissing = results.processes.settings.some(({ isAvailable }) => isAvailable === false)
  const note = isMissing ? '\n\n`mplogin serve --workers 2` was not available in the version that was measured.' : ''
  return `## One process and two

Requests a second with one and with two. Everything runs on the same ${cores} cores: the last column is how many times the rate of one process these
would give if server, database, WeChat and load together used all of them without a pause.

${table(['', '', '', 'requests/s', 'room'], rows)}${note}`
}

function writeStarts({ logins }) {
  const [{ setting, starts }] = logins.settings
  const started = setting.peers.filter(name => starts[name].length > 0)
  const rows = started.map(name => [
    titleOf(name),
    short(median(starts[name].map(start => start.firstAnswerMs / 1000))),
    short(median(starts[name].map(start => start.memoryMiB))),
  ])
  return `## Start and memory

From the start of the process to its first answered login, and its memory (RSS) after all of the load above.

${table(['', 's to the first answer', 'MiB after load'], rows)}`
}

function writeRace({ settings }) {
  const rows = settings
    .filter(({ races }) => races)
    .flatMap(({ setting, races }) =>
      Object.keys(races).map(name => {
        const { of, succeeded, people, accounts } = races[name]
        const how = setting.workers === undefined ? setting.processes : `${setting.workers} workers`
        return [titleOf(name), how, `${succeeded} of ${of}`, `${accounts} of ${people} people`]
      }),
    )
  const [{ setting }] = settings
  return `## Many first logins at once

${setting.race.people} people, each logging in for the first time with ${setting.race.simultaneous} requests at once, as double taps, retries and several pages do.

${table(['', 'processes', 'answered with a login', 'accounts'], rows)}`
}
