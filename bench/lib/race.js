import { setTimeout as delay } from 'node:timers/promises'
import { openLoad } from './measure.js'

/** New people of a round that no measurement is in. */
const round = 90

/**
 * First logins of new people, many at once: how many were answered, and how many accounts there are of them.
 *
 * @param warmUpMs logins of people who are known, before the race
 */
export async function measureRace(rig, running, setting, { warmUpMs = 2000 } = {}) {
  const { people, simultaneous } = setting.race
  await openLoad(rig, running, setting, { works: [], round })
  await rig.load.ask('start', { name: 'returning' })
  await delay(warmUpMs)
  await rig.load.ask('stop')
  const before = await running.countAccounts()
  const { succeeded, of, samples } = await rig.load.ask('race', { people, simultaneous })
  const accounts = (await running.countAccounts()) - before
  return { people, of, succeeded, accounts, samples }
}
