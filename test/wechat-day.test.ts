import { createApp, createLogger } from '@mplogin/server'
import { describe, expect, it } from 'vitest'
import { createApi } from './support/api.js'
import { appA, startSystem } from './support/system.js'

const codePath = '/sns/jscode2session'
const phonePath = '/wxa/business/getuserphonenumber'
const dayMinutes = 24 * 60

/** Two servers on one clock, at Beijing's midnight. */
async function startTwo(env: Record<string, string> = {}) {
  const system = await startSystem({ env })
  const second = await createApp(system.config, { clock: system.clock, logger: createLogger('silent') })
  const apis = [system.api, createApi(await second.listen({ host: '127.0.0.1', port: 0 }))] as const
  system.emulator.addApp({ ...appA, phoneQuota: 1_000_000 })
  const minutesOfBeijing = (system.clock().getTime() / 60_000 + 8 * 60) % dayMinutes
  system.advance({ minutes: dayMinutes - minutesOfBeijing })
  const outcomes: Record<string, number> = {}
  let logins = 0
  return {
    system,
    outcomes,
    /** How often WeChat was asked, by errcode. */
    asked: (path: string) => system.emulator.stats().calls[path] ?? {},
    async logIn() {
      const lin = system.person(String(13_000_000_000 + logins))
      const api = apis[logins++ % 2] ?? system.api
      const { body } = await api.loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })
      outcomes[body.code] = (outcomes[body.code] ?? 0) + 1
    },
    async close() {
      await second.close()
      await system.close()
    },
  }
}

describe('a day of two servers, minute by minute,', () => {
  it('with a quota that is used up in the morning asks WeChat now and then, not for each login, and goes on the next day', async () => {
    const two = await startTwo()
    try {
      const perDay = 300
      two.system.emulator.setQuota({ path: phonePath, perDay })
      for (let minute = 0; minute < dayMinutes; minute++) {
        await two.logIn()
        two.system.advance({ minutes: 1 })
      }
      const { 0: traded = 0, 45009: refused = 0 } = two.asked(phonePath)
      process.stdout.write(`a day with ${perDay} phones: ${JSON.stringify(two.outcomes)}, ${refused} calls in vain\n`)
      expect(two.outcomes).toEqual({ OK: perDay, WECHAT_RATE_LIMITED: dayMinutes - perDay })
      expect(traded).toBe(perDay)
      // Each server looks once in ten minutes whether the quota was cleared.
      const hoursLeft = (dayMinutes - perDay) / 60
      expect(refused).toBeLessThanOrEqual(2 * 6 * hoursLeft + 2)
      expect(two.asked(codePath)).toEqual({ 0: dayMinutes })
      await two.logIn()
      await two.logIn()
      expect(two.outcomes.OK).toBe(perDay + 2)
    } finally {
      await two.close()
    }
  })
})

describe.each(['stable', 'legacy'] as const)('two days of two servers in %s mode', mode => {
  it('need one access token in two hours between them', async () => {
    const two = await startTwo({ WECHAT_TOKEN_MODE: mode })
    try {
      for (let minute = 0; minute < 2 * dayMinutes; minute += 10) {
        await two.logIn()
        two.system.advance({ minutes: 10 })
      }
      const asked = two.asked(mode === 'stable' ? '/cgi-bin/stable_token' : '/cgi-bin/token')
      process.stdout.write(`${mode}: ${asked[0]} access tokens in two days\n`)
      expect(two.outcomes).toEqual({ OK: (2 * dayMinutes) / 10 })
      // One that nobody looked at in its last minutes is fetched when it has expired, up to ten minutes later.
      expect(asked[0]).toBeGreaterThanOrEqual(22)
      expect(asked[0]).toBeLessThanOrEqual(25)
      expect(Object.keys(asked)).toEqual(['0'])
    } finally {
      await two.close()
    }
  })
})
