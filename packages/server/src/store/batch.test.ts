import { describe, expect, it } from 'vitest'
import { createBatch } from './batch.js'
import { DatabaseUnavailableError } from './failure-kind.js'

/** Doubles numbers; negative ones fail. */
function doubling(limits: { maxSize?: number; maxInFlight?: number; awayAfterMs?: number } = {}) {
  const batches: (readonly number[])[] = []
  let mostAtOnce = 0
  let running = 0
  const ask = createBatch<number, number>({
    maxSize: 4,
    maxInFlight: 2,
    ...limits,
    async run(requests) {
      batches.push(requests)
      mostAtOnce = Math.max(mostAtOnce, ++running)
      await new Promise(resolve => setTimeout(resolve, 5))
      running--
      if (requests.includes(-999)) {
        await new Promise(resolve => setTimeout(resolve, limits.awayAfterMs ?? 0))
        throw new DatabaseUnavailableError('away')
      }
      const bad = requests.find(request => request < 0)
      if (bad !== undefined) throw new Error(`bad ${bad}`)
      return requests.map(request => request * 2)
    },
  })
  return { ask, batches, mostAtOnce: () => mostAtOnce }
}

describe('a batch', () => {
  it('takes along what one turn asks, and gives each its own result', async () => {
    const { ask, batches } = doubling()
    expect(await Promise.all([1, 2, 3].map(ask))).toEqual([2, 4, 6])
    expect(batches).toEqual([[1, 2, 3]])
    expect(await ask(4)).toBe(8)
    expect(batches).toEqual([[1, 2, 3], [4]])
  })

  it('is bounded, and so are those under way; what waits goes along next', async () => {
    const { ask, batches, mostAtOnce } = doubling()
    const numbers = Array.from({ length: 23 }, (_, i) => i)
    expect(await Promise.all(numbers.map(ask))).toEqual(numbers.map(number => number * 2))
    expect(Math.max(...batches.map(batch => batch.length))).toBe(4)
    expect(mostAtOnce()).toBe(2)
    expect(batches.flat().sort((a, b) => a - b)).toEqual(numbers)
  })

  it('that fails is carried out in parts: who is not to blame succeeds', async () => {
    const { ask } = doubling()
    const outcomes = await Promise.allSettled([1, -2, 3, -4].map(ask))
    expect(outcomes.map(outcome => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.message))).toEqual([
      2,
      'bad -2',
      6,
      'bad -4',
    ])
  })

  it('that fails for one of many asks little more than for all', async () => {
    const { ask, batches } = doubling({ maxSize: 64 })
    const numbers = Array.from({ length: 64 }, (_, i) => (i === 20 ? -20 : i))
    const outcomes = await Promise.allSettled(numbers.map(ask))
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(outcomes[20]).toMatchObject({ reason: { message: 'bad -20' } })
    expect(batches).toHaveLength(13)
  })

  it('that waits long for a database that does not answer takes with it who waits for their turn, not who comes later', async () => {
    const { ask, batches } = doubling({ maxSize: 1, maxInFlight: 1, awayAfterMs: 1100 })
    const startedMs = performance.now()
    const outcomes = await Promise.allSettled([-999, 1, 2, 3].map(ask))
    expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
    expect(performance.now() - startedMs).toBeLessThan(2000)
    expect(batches).toHaveLength(1)
    expect(await ask(4)).toBe(8)
  })

  it('of a database that is away fails as it is, without asking again for each', async () => {
    const { ask, batches } = doubling()
    const outcomes = await Promise.allSettled([1, -999, 3].map(ask))
    expect(outcomes.map(outcome => outcome.status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(batches).toHaveLength(1)
    expect(await ask(5)).toBe(10)
  })
})
