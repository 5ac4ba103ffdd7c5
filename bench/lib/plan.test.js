import { describe, expect, it } from 'vitest'
import { contract } from '../peers/contract.js'
import { createPlan, partNames } from '../plan.js'
import { parseOptions } from './options.js'
import { expectedSeconds } from './run-part.js'
import { createWorks } from './works.js'

const minutesOf = options =>
  Object.values(createPlan(options))
    .flat()
    .reduce((sum, setting) => sum + expectedSeconds(setting, options) / 60, 0)

describe('the plan', () => {
  it('begins with what matters most', () => {
    expect(partNames.slice(0, 3)).toEqual(['logins', 'verify', 'race'])
  })

  it('takes two hours, or with --short less than one, as the help says', () => {
    const [long, short] = [minutesOf(parseOptions([])), minutesOf(parseOptions(['--short']))]
    expect(long).toBeGreaterThan(90)
    expect(long).toBeLessThan(135)
    expect(short).toBeLessThan(55)
  })

  it('is told of with fewer seconds only where it is short, and never with fewer rounds, less warm-up or fewer peers', () => {
    const isTold = text => parseOptions(text.split(' ')).isTold
    expect(['--short', '--seconds 5', '--short --rounds 7', '--only race'].map(isTold)).toEqual([
      true,
      true,
      true,
      true,
    ])
    for (const less of ['--seconds 2.5', '--short --rounds 4', '--short --warm-up 8', '--short --peers ours,floor']) {
      expect(isTold(less), less).toBe(false)
    }
  })
})

describe('verifyOnce', () => {
  it('presents each token once, and then has nothing left to ask', () => {
    const unseen = ['a', 'b'].map(accessToken => ({ accessToken, accountId: accessToken }))
    const { verifyOnce } = createWorks(contract, { accounts: 1, nextNew: 1, signedIn: [], unseen })
    const texts = [verifyOnce(), verifyOnce(), verifyOnce()].map(next => next?.text)
    expect(texts[0]).toContain('Bearer b')
    expect(texts[1]).toContain('Bearer a')
    expect(texts[2]).toBeUndefined()
  })
})
