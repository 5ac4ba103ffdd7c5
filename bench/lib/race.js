import { setTimeout as delay } from 'node:timers/promises'
import { openLoad } from './measure.js'

/** Logins of people who are known, before the race. */
const warmUpMs = 2000
/** New people of a round that no measurement is in. */
const round = 90

/** First logins of new people, many at once: how many were answered, and how many accounts there are of them. */
export async function measureRace(rig, running, setting) {
  const { people, simultaneous } = setting.race
  await rig.wechat.ask('slow', setting.latencyMs)
  await openLoad(rig, running, setting, [], round)
  await rig.load.ask('start', { name: 'returning' })
  await delay(warmUpMs)
  await rig.load.ask('stop')
  const before = await running.countAccounts()
  const { succeeded, of, samples } = await rig.load.ask('race', { people, simultaneous })
  const accounts = (await running.countAccounts()) - before
  return { people, of, succeeded, accounts, samples }
}
