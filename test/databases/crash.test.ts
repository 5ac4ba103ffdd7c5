import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Fleet, startFleet } from '../support/fleet.js'
import { brokenInvariants } from '../support/invariants.js'

/** How often the process is killed; every life is a second or so. */
const kills = 5

let fleet: Fleet
beforeAll(async () => {
  fleet = await startFleet(1)
})
afterAll(() => fleet.close())

/** A login that was answered, and must be found for ever. */
interface Answered {
  readonly sessionId: string
  readonly accountId: string
}

describe('a process that is killed under load', { timeout: 120_000 }, () => {
  it('loses no login that was answered, and leaves nothing half-done', async () => {
    const answered: Answered[] = []
    let [server] = fleet.servers
    let phone = 13_500_000_000
    for (let life = 0; life < kills; life++) {
      const current = server
      if (!current) throw new Error('there is no server')
      let isRunning = true
      const clients = Array.from({ length: 16 }, async () => {
        while (isRunning) {
          const lin = fleet.person(String(phone++))
          // Openid first, phone later, then both: creations, attachments and merges are under way when it dies.
          for (const ask of [
            () => current.api.login({ code: lin.loginCode() }),
            () => current.api.loginByPhone({ code: lin.phoneCode() }),
            () => current.api.loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() }),
          ]) {
            const answer = await ask().catch(() => undefined)
            if (answer?.status !== 200) break
            const { user, refreshToken } = answer.body.data
            answered.push({ sessionId: refreshToken.split('.')[0] ?? '', accountId: user.id })
          }
        }
      })
      const enough = answered.length + 15
      while (answered.length < enough) await delay(5)
      await delay(Math.random() * 500)
      await current.process.stop('SIGKILL')
      isRunning = false
      await Promise.all(clients)

      server = await fleet.serve()
      expect(await brokenInvariants(fleet.database)).toEqual([])
    }

    expect(answered.length).toBeGreaterThan(50)
    const { db } = fleet.database
    const sessions = await db.selectFrom('sessions').select(['id', 'account_id']).execute()
    const accounts = await db.selectFrom('accounts').select(['id', 'status', 'merged_into']).execute()
    const accountOf = new Map(sessions.map(session => [session.id, session.account_id]))
    const survivorOf = new Map(accounts.map(account => [account.id, account.merged_into ?? account.id]))
    const lost = answered.filter(
      ({ sessionId, accountId }) =>
        accountOf.get(sessionId) === undefined || accountOf.get(sessionId) !== survivorOf.get(accountId),
    )
    expect(lost).toEqual([])
  })
})
