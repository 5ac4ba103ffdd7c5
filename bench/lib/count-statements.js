import { setTimeout as delay } from 'node:timers/promises'
import { openLoad, worksOf } from './measure.js'
import { startPeer } from './running-peer.js'

/** Load before each count: what is sent together depends on the pace. */
const leadInMs = 1000
/** New people of a round that no measurement is in. */
const round = 100

/** How many statements each work sends to the database, counted on their way (statement-proxy.js), in a run of their own. */
export async function countStatements(rig, peer, setting, { seconds }) {
  const { kind, urlOf } = await rig.open(setting.database)
  if (kind === 'sqlite') return []
  const { hostname: host, port } = new URL(urlOf('any'))
  const viaPort = await rig.proxy.ask('open', { kind, host, port: Number(port) })
  const running = await startPeer(rig, peer, setting, { viaPort })
  return countWorks(rig, running, setting, seconds).finally(running.stop)
}

async function countWorks(rig, running, setting, seconds) {
  const works = worksOf(running.peer, setting)
  await openLoad(rig, running, setting, { works, round })
  const counters = () => Promise.all([rig.proxy.ask('statements'), rig.load.ask('mark')])
  const counts = []
  for (const work of works) {
    await rig.load.ask('start', { name: work })
    await delay(leadInMs)
    const [before] = await counters()
    await delay(seconds * 1000)
    const [after, { requests }] = await counters()
    await rig.load.ask('stop')
    counts.push({ work, statements: (after - before) / requests })
  }
  return counts
}
