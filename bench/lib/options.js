import { parseArgs } from 'node:util'
import { getPeer, peers } from '../peers/index.js'
import { partNames } from '../plan.js'

export const help = `npm run bench -- [options]     (or: node bench/run.js [options])

Measures mplogin beside others, in interleaved rounds, and says first how long it will take: keep the machine quiet.
What is measured is kept after each part, and docs/benchmarks.md is written from all parts that are there: a run may be
stopped, and parts may be run one by one.

  --short            what fits in an hour: 2.5 s for each work; the parts after the race with the floor and
                     mplogin alone, and fewer works. Rounds and warm-up are the same

  --only PARTS       of: ${partNames.join(', ')}
  --peers NAMES      of: ${peers.map(peer => peer.name).join(', ')}
  --databases KINDS  of: postgres, mysql, sqlite
  --rounds N         rounds of each setting                      (5)
  --seconds N        seconds each work is measured in a round    (5, short: 2.5)
  --warm-up N        seconds of load before, for each start; 4 for each work at least   (9)
  --accounts FEW,MANY                                            (10000,1000000)
  --postgres URL     a server, as somebody who may make databases (postgres://postgres@127.0.0.1:5432/postgres)
  --mysql URL                                                    (mysql://root@127.0.0.1:3306/mysql)
  --quick            a smoke of a minute or two: proves that all peers answer rightly, measures nothing worth telling
  --estimate         measure nothing, say what would be and how long it would take
  --report           measure nothing, write the docs again from bench/results
  --help

Fewer peers, rounds, seconds or accounts than usual: the figures go to bench/results/trial and are printed, and the docs stay.`

/** What a run that is told of has at least. The lead-in is load before each measurement, besides the warm-up. */
const usual = { rounds: 5, seconds: 5, leadInMs: 1500, warmUpSeconds: 9, few: 10_000, many: 1_000_000 }
const short = { ...usual, seconds: 2.5, leadInMs: 500 }

/** @throws TypeError for what cannot be used */
export function parseOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: partNames.join() },
      peers: { type: 'string', default: peers.map(peer => peer.name).join() },
      databases: { type: 'string', default: 'postgres,mysql,sqlite' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      accounts: { type: 'string' },
      postgres: { type: 'string', default: 'postgres://postgres@127.0.0.1:5432/postgres' },
      mysql: { type: 'string', default: 'mysql://root@127.0.0.1:3306/mysql' },
      short: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      estimate: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [few, many] = (values.accounts ?? '').split(',')
  const wanted = values.short ? short : usual
  const options = {
    isShort: values.short,
    parts: listOf('only', values.only, partNames),
    peers: values.peers.split(',').map(name => getPeer(name).name),
    databases: listOf('databases', values.databases, ['postgres', 'mysql', 'sqlite']),
    rounds: numberOf('rounds', values.rounds, wanted.rounds),
    seconds: numberOf('seconds', values.seconds, wanted.seconds),
    leadInMs: wanted.leadInMs,
    warmUpSeconds: numberOf('warm-up', values['warm-up'], wanted.warmUpSeconds),
    few: numberOf('accounts', few || undefined, wanted.few),
    many: numberOf('accounts', many || few || undefined, wanted.many),
    addresses: { postgres: values.postgres, mysql: values.mysql },
    ...{ quick: values.quick, estimate: values.estimate, report: values.report, help: values.help },
  }
  const isWhole = options.peers.length === peers.length && options.databases.length === 3
  const isLong = options.rounds >= wanted.rounds && options.seconds >= wanted.seconds
  const isUsual = options.few === wanted.few && options.many === wanted.many
  return { ...options, isTold: isWhole && isLong && isUsual && options.warmUpSeconds >= wanted.warmUpSeconds }
}

function listOf(name, text, known) {
  const list = text.split(',')
  const unknown = list.find(item => !known.includes(item))
  if (unknown !== undefined) throw new TypeError(`--${name}: ${unknown} is none of ${known.join(', ')}`)
  return known.filter(item => list.includes(item))
}

function numberOf(name, text, byDefault) {
  if (text === undefined) return byDefault
  const number = Number(text)
  if (!Number.isFinite(number) || number <= 0) throw new TypeError(`--${name}: expected a number, found ${text}`)
  return number
}
