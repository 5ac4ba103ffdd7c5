import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcomeOf } from '../support/outcome.js'
import { createPhone } from '../support/phone.js'
import { type System, startSystem } from '../support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem({ env: { RATE_LIMIT_PER_MINUTE: '0' } })
})
afterAll(() => system.close())

const patient = { timeout: 10_000 }
const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** What the two instances of an app with subpackages do, each for itself, on one network. */
const event = fc.record({
  who: fc.integer({ min: 0, max: 1 }),
  what: fc.oneof(
    { weight: 4, arbitrary: fc.constant('requests') },
    { weight: 2, arbitrary: fc.constant('sign in') },
    { weight: 1, arbitrary: fc.constant('sign out') },
    { weight: 2, arbitrary: fc.constant('load') },
    { weight: 3, arbitrary: fc.constant('expire') },
    { weight: 2, arbitrary: fc.constant('lose the answer') },
    { weight: 3, arbitrary: fc.constant('wait') },
  ),
  path: fc.constantFrom('/token/refresh', '/me', '/login', '/logout'),
  ms: fc.integer({ min: 0, max: 20 }),
})

describe('two instances that share a storage', () => {
  it('never look like thieves to the server, whatever they do, and end up as the same person', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 25 }), async schedule => {
        const phone = createPhone(system)
        const first = phone.start()
        const both = [first, phone.join(first.wx)] as const
        const outcomes: Promise<string>[] = []
        for (const { who, what, path, ms } of schedule) {
          const { login } = both[who as 0]
          if (what === 'requests') for (let i = 0; i < 3; i++) outcomes.push(outcomeOf(login.request({ url: '/me' })))
          else if (what === 'sign in') outcomes.push(outcomeOf(login.signIn()))
          else if (what === 'sign out') outcomes.push(outcomeOf(login.signOut()))
          else if (what === 'load') outcomes.push(outcomeOf(login.loadUser()))
          else if (what === 'expire') system.advance({ minutes: 16 })
          else if (what === 'wait') await pause(ms)
          else phone.bend(path, 'answer lost')
        }
        const ends = new Set(await Promise.all(outcomes))
        for (const theft of ['REFRESH_REUSED', 'REFRESH_INVALID']) expect(ends).not.toContain(theft)
        // A session ends only by their own wish.
        if (!schedule.some(({ what }) => what === 'sign out')) expect(ends).not.toContain('SESSION_REVOKED')
        phone.mend()
        await expect.poll(() => outcomeOf(both[0].login.signIn()), patient).toBe('OK')
        expect(both[1].login.user).toEqual(both[0].login.user)
        for (const { login } of both) expect((await login.request({ url: '/me' })).statusCode).toBe(200)
      }),
      { numRuns: 30, interruptAfterTimeLimit: 60_000 },
    )
  })
})
