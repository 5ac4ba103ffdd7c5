import { getPeer } from '../peers/index.js'
import { countStatements } from './count-statements.js'
import { measureRound } from './measure.js'
import { measureRace } from './race.js'
import { startPeer } from './running-peer.js'

/** Seconds that a start and its fresh database take, roughly: for the time that is left. */
const startSeconds = 4
const leadInSeconds = 1.5
const raceSeconds = startSeconds + 10

/** Who of a setting takes part: those that were asked for, on a database they know. */
export function peersOf(setting, options) {
  return setting.peers.filter(name => {
    return options.peers.includes(name) && getPeer(name).databases.includes(setting.database)
  })
}

/** How long a setting takes, in seconds, roughly. */
export function expectedSeconds(setting, options) {
  const seeding = setting.peers.length * (setting.accounts / 12_000)
  if (setting.race) return setting.peers.length * raceSeconds + seeding
  const round = roundSeconds(setting, options)
  const counting = setting.peers.length * (startSeconds + setting.works.length * 2.5)
  return setting.peers.length * options.rounds * round + counting + seeding
}

function roundSeconds({ works }, { seconds, warmUpSeconds }) {
  return startSeconds + warmUpSeconds + works.length * (seconds + leadInSeconds)
}

/** Measures one setting of a part. */
export async function runSetting(rig, part, setting, options, progress) {
  const inPeers = async work => {
    for (const name of setting.peers) await work(getPeer(name), name)
  }
  const about = `${part}: ${setting.database}, ${setting.accounts} accounts, ${setting.latencyMs} ms, ${setting.processes} process(es)`
  await inPeers(async peer => {
    progress.step(`${about} · seeding ${peer.title}`)
    await rig.seeds.prepare(peer, setting.database, setting.accounts)
    progress.did(setting.accounts / 12_000)
  })
  return setting.race ? runRace() : runRounds()

  async function runRace() {
    const races = {}
    await inPeers(async (peer, name) => {
      progress.step(`${about} · ${peer.title}`)
      const running = await startPeer(rig, peer, setting)
      races[name] = await measureRace(rig, running, setting)
      await running.stop()
      progress.did(raceSeconds)
    })
    return { setting, races }
  }

  async function runRounds() {
    const empty = () => Object.fromEntries(setting.peers.map(name => [name, []]))
    const measured = { setting, starts: empty(), records: empty(), statements: empty() }
    for (let round = 0; round < options.rounds; round++) {
      await inPeers(async (peer, name) => {
        progress.step(`${about} · round ${round + 1} of ${options.rounds} · ${peer.title}`)
        const { start, records } = await measureRound(rig, peer, setting, { round, ...options })
        measured.starts[name].push(start)
        measured.records[name].push(...records)
        progress.did(roundSeconds(setting, options))
      })
    }
    await inPeers(async (peer, name) => {
      progress.step(`${about} · statements of ${peer.title}`)
      measured.statements[name] = await countStatements(rig, peer, setting, { seconds: Math.min(2, options.seconds) })
      progress.did(startSeconds + setting.works.length * 2.5)
    })
    return measured
  }
}
