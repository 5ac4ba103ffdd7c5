import { describe, expect, it } from 'vitest'
import type { Fault } from './fault.js'
import { createFaults } from './faults.js'

const path = '/cgi-bin/token'
const create = () => createFaults(new Set([path, '/sns/jscode2session']))

describe('faults', () => {
  it('are taken in the order they were asked for, each as often as it says, on its own path', () => {
    const faults = create()
    faults.add({ path, errcode: -1, times: 2 })
    faults.add({ path, status: 502 })
    faults.add({ path: '/sns/jscode2session', body: '' })
    const taken = [1, 2, 3, 4].map(() => faults.take(path))
    expect(taken.map(fault => fault?.errcode ?? fault?.status)).toEqual([-1, -1, 502, undefined])
    expect(faults.take('/sns/jscode2session')?.body).toBe('')
  })

  it('by chance bend the same calls with the same seed, others with another, about as many as asked, without end', () => {
    const bent = (seed: number) => {
      const faults = create()
      faults.add({ path, errcode: -1, chance: 0.2, seed })
      return Array.from({ length: 1000 }, () => faults.take(path) !== undefined)
    }
    expect(bent(7)).toEqual(bent(7))
    expect(bent(7)).not.toEqual(bent(8))
    const hits = bent(7).filter(Boolean).length
    expect(hits).toBeGreaterThan(150)
    expect(hits).toBeLessThan(250)
  })

  it('by chance let the next fault have the calls they miss, and end after `times` hits', () => {
    const faults = create()
    faults.add({ path, errcode: -1, chance: 0.5, seed: 3, times: 5 })
    faults.add({ path, status: 502, chance: 1 })
    const taken = Array.from({ length: 100 }, () => faults.take(path))
    expect(taken.filter(fault => fault?.errcode === -1)).toHaveLength(5)
    expect(taken.filter(fault => fault?.status === 502)).toHaveLength(95)
  })

  it('are told with what is left of them, and removed one by one or all', () => {
    const faults = create()
    const first = faults.add({ path, errcode: -1, times: 3 })
    const second = faults.add({ path: '/sns/jscode2session', delayMs: 5, chance: 1 })
    faults.take(path)
    expect(faults.all()).toEqual([
      { id: first.id, path, errcode: -1, times: 3, left: 2, taken: 1 },
      { id: second.id, path: '/sns/jscode2session', delayMs: 5, chance: 1, left: null, taken: 0 },
    ])
    faults.remove(first.id)
    expect(faults.take(path)).toBeUndefined()
    expect(() => faults.remove(first.id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    faults.clear()
    expect(faults.all()).toEqual([])
  })

  it('of an endpoint that is not there are refused, naming those that are', () => {
    expect(() => create().add({ path: '/cgi-bin/tokens', errcode: -1 })).toThrow(
      'path: /cgi-bin/tokens is none of the endpoints: /cgi-bin/token /sns/jscode2session',
    )
  })

  it.each<Omit<Fault, 'path'>>([
    {},
    { reset: false },
    { times: 3 },
    { errcode: -1, times: 0 },
    { errcode: -1, times: 1.5 },
    { errcode: -1, times: Number.NaN },
    { errcode: -1, chance: 0 },
    { errcode: -1, chance: 1.1 },
    { errcode: -1, chance: Number.NaN },
    { effect: true },
    { errcode: -1, body: 'x' },
    { html: true, wrong: true },
    { reset: true, half: true },
    { reset: true, errcode: -1 },
  ])('that bend nothing, or two things at once, are refused: %j', fault => {
    const faults = create()
    expect(() => faults.add({ path, ...fault })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(faults.take(path)).toBeUndefined()
  })
})
