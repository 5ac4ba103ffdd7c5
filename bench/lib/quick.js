import { getPeer } from '../peers/index.js'
import { checkPeer } from './check.js'
import { measureWorks } from './measure.js'
import { measureRace } from './race.js'
import { startPeer } from './running-peer.js'

const works = ['returning', 'new', 'phone', 'refresh', 'me', 'verify', 'plain']
const wechatCalls = { returning: 1, new: 1, phone: 2, refresh: 0, me: 0, verify: 0, plain: 0 }

/**
 * The smoke: every peer on every database it knows does every work for a moment, refuses what it must, and races.
 *
 * @returns whether all was right
 */
export async function runQuick(rig, options, progress) {
  const problems = []
  const cases = options.peers.flatMap(name =>
    getPeer(name)
      .databases.filter(kind => options.databases.includes(kind))
      .map(database => ({ peer: getPeer(name), database })),
  )
  for (const { peer, database } of cases) {
    const found = await smoke(rig, peer, database).catch(error => [error.message])
    problems.push(...found)
    progress.print(`${found.length === 0 ? 'ok   ' : 'WRONG'} ${peer.title} on ${database}`)
    for (const problem of found) progress.print(`      ${problem}`)
  }
  progress.print(problems.length === 0 ? 'All peers answer rightly.' : `${problems.length} problem(s).`)
  return problems.length === 0
}

async function smoke(rig, peer, database) {
  const setting = { database, accounts: 500, latencyMs: 0, processes: 1, race: { people: 3, simultaneous: 20 } }
  const timing = { round: 0, seconds: 0.4, warmUpSeconds: 0.5, leadInMs: 100, signedIn: 64 }
  const running = await startPeer(rig, peer, setting)
  try {
    return await findProblems(rig, running, setting, timing)
  } finally {
    await running.stop()
  }
}

async function findProblems(rig, running, setting, timing) {
  const problems = await checkPeer(rig, running, setting)
  const ofBackend = ['verify', 'plain']
  for (const names of [works.filter(work => !ofBackend.includes(work)), ofBackend]) {
    const { records } = await measureWorks(rig, running, { ...setting, works: names }, timing)
    problems.push(...records.flatMap(problemsOf))
  }
  const { people, accounts, succeeded, of, samples } = await measureRace(rig, running, setting, { warmUpMs: 200 })
  // What others do in a race is for the page to tell; ours must hold.
  const isOurs = running.peer.name === 'ours'
  if (isOurs && accounts !== people) problems.push(`${accounts} accounts of ${people} people`)
  if (isOurs && succeeded !== of) problems.push(`${succeeded} of ${of} first logins: ${samples.join(' ')}`)
  return problems
}

function problemsOf({ work, requests, failed, samples, wechatCalls: calls, cpuSeconds }) {
  const problems = []
  if (failed > 0) problems.push(`${work}: ${failed} wrong answers, such as ${samples.join(' ')}`)
  if (requests === 0) problems.push(`${work}: nothing was answered`)
  if (!(cpuSeconds > 0)) problems.push(`${work}: no CPU was told`)
  // Requests are under way at both ends of so short a time.
  if (requests > 200 && Math.abs(calls / requests - wechatCalls[work]) > 0.7) {
    problems.push(`${work}: ${(calls / requests).toFixed(2)} calls to WeChat a request`)
  }
  return problems
}
