import { setTimeout as delay } from 'node:timers/promises'
import { busySeconds, cpuSecondsOf, descendantsOf, residentBytes } from './machine.js'
import { startPeer } from './running-peer.js'

const connectionCount = 64
/** Apart enough that no round meets the new people of another one. */
const newPeoplePerRound = 10_000_000
/** How many tokens there are to be presented once each, and for how many seconds at most that is measured. */
const unseenCount = 20_000
const unseenSeconds = 1

/** One peer in one round: started on a fresh database, and ended. */
export async function measureRound(rig, peer, setting, options) {
  const running = await startPeer(rig, peer, setting)
  return measureWorks(rig, running, setting, options).finally(running.stop)
}

/**
 * A peer that was started is warmed up by all that it is about to do, then each work is measured for some seconds while the
 * load goes on before and after.
 *
 * @param leadInMs load before each measurement, besides the warm-up: the change from one work to the next is not measured
 * @returns the start, and a record for each work
 */
export async function measureWorks(rig, running, setting, options) {
  const { round, warmUpSeconds, leadInMs = 1500 } = options
  const { load } = rig
  const works = worksOf(running.peer, setting)
  const practised = practisedOf(works)
  const measured = await openLoad(rig, running, setting, { works, ...options })

  for (const name of practised) {
    await load.ask('start', { name })
    await delay((warmUpSecondsOf(running.peer, setting, warmUpSeconds) * 1000) / practised.length)
    await load.ask('stop')
  }
  const records = []
  for (const work of works) {
    await load.ask('start', { name: work })
    await delay(work === 'verifyOnce' ? Math.min(500, leadInMs) : leadInMs)
    const before = await snapshot(rig, running, measured)
    await delay(secondsOf(work, options) * 1000)
    await rig.load.ask('answered', { count: 1 })
    const after = await snapshot(rig, running, measured)
    const failed = await load.ask('stop')
    records.push({ work, round, ...difference(before, after), failed: failed.count, samples: failed.samples })
  }
  const usages = await Promise.all(measured.map(usageOf))
  const start = {
    round,
    firstAnswerMs: Math.max(...measured.map(server => server.firstAnswerMs)),
    memoryMiB: Math.max(...usages.map(usage => usage.rssBytes)) / 2 ** 20,
  }
  return { start, records }
}

/** What is presented once cannot be practised. */
const practisedOf = works => works.filter(work => work !== 'verifyOnce')

/** Each work is practised long enough that a server of much code is compiled as well as one of little. */
const secondsToPractise = 4

/** How long a peer is warmed up: what was asked for, or what its works take. */
export function warmUpSecondsOf(peer, setting, seconds) {
  return Math.max(
    seconds,
    seconds < secondsToPractise ? 0 : practisedOf(worksOf(peer, setting)).length * secondsToPractise,
  )
}

/** How long a work is measured. */
export const secondsOf = (work, { seconds }) => (work === 'verifyOnce' ? Math.min(unseenSeconds, seconds) : seconds)

/** What a peer is asked of a setting. */
export const worksOf = (peer, { works }) => works.filter(work => !(work in peer.lacks))

/**
 * Connects the load to a peer, with the tokens that works need.
 *
 * @param signedIn how many people's tokens `/me`, refresh and verification are asked with, over and over
 * @returns the processes it is connected to: those of the login server, or of the business back end
 */
export async function openLoad(rig, running, setting, { works, round, signedIn = 1000 }) {
  const { load } = rig
  const { peer, servers, backends, startBackends } = running
  const portsOf = processes => processes.map(({ port }) => port)
  const opening = { peer: peer.name, count: connectionCount }
  const firstNew = setting.accounts + round * newPeoplePerRound
  await load.ask('open', { ...opening, ports: portsOf(servers), accounts: setting.accounts, firstNew })
  const needsTokens = works.some(work => ['me', 'refresh', 'verify'].includes(work))
  if (needsTokens) await load.ask('signIn', { count: signedIn, as: 'signedIn' })
  if (works.includes('verifyOnce')) await load.ask('signIn', { count: unseenCount, as: 'unseen' })
  if (!works.includes('verify')) return servers
  await startBackends()
  await load.ask('open', { ...opening, ports: portsOf(backends) })
  return backends
}

/** CPU and memory of a server process, and of the workers that it started. */
async function usageOf(server) {
  const { cpuSeconds, rssBytes } = await server.ask('usage')
  const workers = descendantsOf(server.pid)
  return {
    cpuSeconds: cpuSeconds + cpuSecondsOf(workers),
    rssBytes: workers.map(residentBytes).reduce((sum, bytes) => sum + bytes, rssBytes),
  }
}

/** All counters at one moment. What was answered is asked for in the same instant as what it cost. */
async function snapshot(rig, running, measured) {
  const [usages, mark, calls] = await Promise.all([
    Promise.all(measured.map(usageOf)),
    rig.load.ask('mark'),
    rig.wechat.ask('calls'),
  ])
  const { database } = running
  const servers = [...running.servers, ...running.backends].flatMap(({ pid }) => [pid, ...descendantsOf(pid)])
  const pids = [...new Set([process.pid, rig.load.pid, rig.wechat.pid, ...servers, ...database.pids()])]
  return {
    at: performance.now(),
    cpuSeconds: usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0),
    databaseCpuSeconds: database.cpuSeconds(),
    mark,
    wechatCpuSeconds: cpuSecondsOf([rig.wechat.pid]),
    wechatCalls: Object.values(calls).reduce((sum, count) => sum + count, 0),
    busySeconds: busySeconds(),
    ownSeconds: cpuSecondsOf(pids),
  }
}

function difference(before, after) {
  const { requests, failures, idleSeconds, loadCpuSeconds, p50, p99, p999 } = after.mark
  const seconds = (after.at - before.at) / 1000 - idleSeconds
  const minus = key => (after[key] === undefined ? undefined : after[key] - before[key])
  const outside = after.busySeconds === undefined ? undefined : minus('busySeconds') - minus('ownSeconds')
  return {
    ...{ seconds, requests, failures, p50, p99, p999, loadCpuSeconds },
    cpuSeconds: minus('cpuSeconds'),
    databaseCpuSeconds: minus('databaseCpuSeconds'),
    wechatCpuSeconds: minus('wechatCpuSeconds'),
    wechatCalls: minus('wechatCalls'),
    /** What others used of the machine meanwhile, in processors: the noise. */
    outside: outside === undefined ? undefined : Math.max(0, outside / seconds),
  }
}
