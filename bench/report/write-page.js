import { peers } from '../peers/index.js'
import { workTitles } from '../plan.js'
import { ratioText, short, table, withSpread } from './cells.js'
import { median, summarize } from './summarize.js'

const titleOf = name => peers.find(peer => peer.name === name).title
const databaseTitles = { postgres: 'PostgreSQL', mysql: 'MariaDB', sqlite: 'SQLite' }
const thousands = number => number.toLocaleString('en')

/**
 * The page of figures.
 *
 * @param results what was measured, by part (bench/results); a part that was not is left out
 * @param chart the path of the chart, seen from the page
 */
export function writePage(results, { chart }) {
  const parts = [
    writeHead(results),
    results.logins && writeCost(results, chart),
    ...Object.values(results).flatMap(({ settings }) => settings.filter(({ records }) => records).map(writeDetail)),
    results.logins && results.accounts && writeChange(results, 'accounts'),
    results.logins && results.processes && writeChange(results, 'processes'),
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
  return `# Benchmarks

Written by \`npm run bench\`; the raw figures are in \`bench/results\`. Measured on ${cpu}, ${cores} cores, ${memoryGiB} GiB,
Node ${node.slice(1)}, ${versions.databases.join(', ')}; everything on this one machine: the servers, the databases, WeChat and the load.
Rounds: ${options.rounds}, ${options.seconds} s each.

${table(['', 'what it is', 'versions'], about)}`
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

function describe({ database, accounts, latencyMs, processes }) {
  const where = `${databaseTitles[database]}, ${thousands(accounts)} accounts`
  return `${where}, WeChat answering after ${latencyMs} ms, ${processes === 1 ? 'one process' : `${processes} processes`}`
}

function summaryOf(records, name, work) {
  const found = records?.[name]?.filter(record => record.work === work) ?? []
  return found.length === 0 ? undefined : summarize(found)
}

/** Everything measured in one setting. */
function writeDetail({ setting, records, statements }) {
  const rows = setting.works.flatMap(work =>
    setting.peers.flatMap(name => {
      const found = summaryOf(records, name, work)
      if (!found) return []
      const counted = statements?.[name]?.find(count => count.work === work)
      return [
        [
          ...[workTitles[work], titleOf(name), withSpread(found.cpu), short(found.rate?.median)],
          ...[found.p50, found.p99, found.p999].map(figure => short(figure?.median)),
          ...[short(found.databaseCpu?.median), short(counted?.statements), short(found.wechatCalls?.median)],
          found.wrong === 0 ? '' : `${found.wrong} wrong`,
        ],
      ]
    }),
  )
  const head = ['', '', 'CPU s/1000', 'requests/s', 'p50 ms', 'p99', 'p99.9', 'database CPU s/1000', 'statements']
  return `## ${setting.works.includes('verify') ? 'Verification' : 'Logins'}: ${describe(setting)}

${table([...head, 'WeChat calls', ''], rows)}`
}

/** What one thing changes, against the first setting: figures of both, and their ratio. */
const changes = {
  accounts: {
    title: 'Few accounts and many',
    about: 'CPU seconds per 1000 requests of the server process, and of the database, with',
    figures: ['cpu', 'databaseCpu'],
  },
  processes: { title: 'One process and two', about: 'Requests a second with', figures: ['rate'] },
}

function writeChange(results, part) {
  const { title, about, figures } = changes[part]
  const [from] = results.logins.settings
  const [to] = results[part].settings
  const rows = to.setting.works.flatMap(work =>
    to.setting.peers.map(name => {
      const [before, after] = [from, to].map(({ records }) => summaryOf(records, name, work))
      const cells = figures.map(figure => {
        const [one, other] = [before?.[figure]?.median, after?.[figure]?.median]
        return one && other ? `${short(one)} → ${short(other)} · ${ratioText(other, one)}` : '–'
      })
      return [workTitles[work], titleOf(name), ...cells]
    }),
  )
  const heads = figures.map(figure => ({ cpu: 'server', databaseCpu: 'database', rate: 'requests/s' })[figure])
  const [few, many] = [from, to].map(({ setting }) => thousands(setting[part]))
  return `## ${title}

${about} ${few} and with ${many}.

${table(['', '', ...heads], rows)}`
}

function writeStarts({ logins }) {
  const [{ setting, starts }] = logins.settings
  const rows = setting.peers.map(name => [
    titleOf(name),
    short(median(starts[name].map(start => start.firstAnswerMs / 1000))),
    short(median(starts[name].map(start => start.memoryMiB))),
  ])
  return `## Start and memory

From the start of the process to its first answered login, and its memory (RSS) after all of the load above.

${table(['', 's to the first answer', 'MiB after load'], rows)}`
}

function writeRace({ settings }) {
  const rows = settings.flatMap(({ setting, races }) =>
    setting.peers.map(name => {
      const { of, succeeded, people, accounts } = races[name]
      return [titleOf(name), setting.processes, `${succeeded} of ${of}`, `${accounts} of ${people} people`]
    }),
  )
  const [{ setting }] = settings
  return `## Many first logins at once

${setting.race.people} people, each logging in for the first time with ${setting.race.simultaneous} requests at once, as double taps, retries and several pages do.

${table(['', 'processes', 'answered with a login', 'accounts'], rows)}`
}

function writeMethod(results) {
  const [{ options }] = Object.values(results)
  return `## How it is measured

- Each peer is started by one command, in production mode, on a fresh copy of a database with accounts in it, and warmed up for
  ${options.warmUpSeconds} s by all that it is about to do. Then each work runs for ${options.seconds} s, the load going on before and after. Rounds are interleaved:
  one of each peer, then again.
- Of ${options.rounds} rounds those count during which others used the machine least (by /proc: what all processors did, less what the bench itself did),
  60 % of them and at least 3. A figure is their median.
- CPU is the process's own (\`process.cpuUsage\`), database CPU that of all the server's processes. Statements are counted on their way to the
  database in a run of their own: Query and Execute messages, begin and commit among them.
- The load comes from a process of its own: 64 connections, the next request when the former was answered; every answer is read, and what is not
  right is counted as wrong. \`/me\`, refresh and verification are asked with the tokens of 1000 people, over and over.
- Logins bring what mplogin's SDK sends: both codes for a phone login, and an Idempotency-Key. The article's phone login takes the phone
  code alone and asks WeChat for an access token each time, as articles do.
- Several processes have a port each, and the load divides its connections among them: a load balancer that costs nothing.
- WeChat is a stub that answers at once, or after the time that is told; it is light enough not to matter.
- A peer's kindnesses: unique columns for the article, the index on account(providerId, accountId) for better-auth, SQL logs off.`
}
