import { getPeer } from '../peers/index.js'
import { offersWorkers } from '../peers/ours/offers-workers.js'
import { countStatements } from './count-statements.js'
import { measureRound, secondsOf, warmUpSecondsOf, worksOf } from './measure.js'
import { measureRace } from './race.js'
import { startPeer } from './running-peer.js'

/** What takes how many seconds, roughly: for the time that a run takes. */
const startSeconds = 3
const signInSeconds = 2
const unseenSeconds = 10
const raceSeconds = startSeconds + 5
const countingSeconds = 2
const seedsPerSecond = 15_000

/** Who of a setting takes part: those that were asked for, on a database they know. */
export function peersOf(setting, options) {
  return setting.peers.filter(name => {
    return options.peers.includes(name) && getPeer(name).databases.includes(setting.database)
  })
}

/** How long a setting takes, in seconds, roughly. */
export function expectedSeconds(setting, options) {
  const ofPeer = peer => {
    const counting = setting.countsStatements ? countSeconds(peer, setting) : 0
    const measuring = setting.race ? raceSeconds : options.rounds * roundSeconds(peer, setting, options) + counting
    return seedSeconds(setting) + measuring
  }
  return setting.peers.reduce((sum, name) => sum + ofPeer(getPeer(name)), 0)
}

const seedSeconds = ({ accounts }) => accounts / seedsPerSecond
const countSeconds = (peer, setting) => startSeconds + worksOf(peer, setting).length * 2 * countingSeconds

function roundSeconds(peer, setting, options) {
  const works = worksOf(peer, setting)
  const measuring = works.reduce((sum, work) => sum + secondsOf(work, options) + options.leadInMs / 1000, 0)
  const needsTokens = works.some(work => ['me', 'refresh', 'verify'].includes(work))
  const signingIn = (needsTokens ? signInSeconds : 0) + (works.includes('verifyOnce') ? unseenSeconds : 0)
  return startSeconds + signingIn + warmUpSecondsOf(peer, setting, options.warmUpSeconds) + measuring
}

/** What a setting is about, in a few words. */
export function describeSetting({ database, accounts, latencyMs, processes, workers, race, works }) {
  const servers = workers === undefined ? `${processes} process(es)` : `${workers} workers`
  const what = race ? 'first logins at once' : works.join(', ')
  return `${database}, ${accounts} accounts, WeChat ${latencyMs} ms, ${servers}: ${what}`
}

/** Measures one setting of a part. */
export async function runSetting(rig, part, setting, options, progress) {
  if (setting.workers !== undefined && !offersWorkers()) {
    progress.print(`${part}: mplogin serve has no --workers here; not measured`)
    progress.did(expectedSeconds(setting, options))
    return { setting, isAvailable: false }
  }
  const inPeers = async work => {
    for (const name of setting.peers) await work(getPeer(name), name)
  }
  const about = `${part}: ${describeSetting(setting)}`
  await inPeers(async peer => {
    progress.step(`${about} · seeding ${peer.title}`)
    await rig.seeds.prepare(peer, setting.database, setting.accounts)
    progress.did(seedSeconds(setting))
  })
  const lost = []
  return { setting, ...(setting.race ? await runRace() : await runRounds()), lost }

  /** What goes wrong with a peer costs its round, and is told; what goes wrong around the peers ends the run. */
  async function attempt(name, what, work) {
    try {
      await work()
    } catch (error) {
      if (rig.isBroken()) throw error
      progress.print(`LOST ${name}, ${what}: ${error.message}`)
      lost.push({ name, what })
      await rig.load.ask('close')
    }
  }

  async function runRace() {
    const races = {}
    await inPeers(async (peer, name) => {
      progress.step(`${about} · ${peer.title}`)
      await attempt(name, 'race', async () => {
        const running = await startPeer(rig, peer, setting)
        races[name] = await measureRace(rig, running, setting).finally(running.stop)
      })
      progress.did(raceSeconds)
    })
    return { races }
  }

  async function runRounds() {
    const empty = () => Object.fromEntries(setting.peers.map(name => [name, []]))
    const measured = { starts: empty(), records: empty() }
    for (let round = 0; round < options.rounds; round++) {
      await inPeers(async (peer, name) => {
        progress.step(`${about} · round ${round + 1} of ${options.rounds} · ${peer.title}`)
        await attempt(name, `round ${round + 1}`, async () => {
          const { start, records } = await measureRound(rig, peer, setting, { round, ...options })
          measured.starts[name].push(start)
          measured.records[name].push(...records)
        })
        progress.did(roundSeconds(peer, setting, options))
      })
    }
    if (!setting.countsStatements) return measured
    measured.statements = empty()
    await inPeers(async (peer, name) => {
      progress.step(`${about} · statements of ${peer.title}`)
      await attempt(name, 'statements', async () => {
        measured.statements[name] = await countStatements(rig, peer, setting, { seconds: countingSeconds })
      })
      progress.did(countSeconds(peer, setting))
    })
    return measured
  }
}
