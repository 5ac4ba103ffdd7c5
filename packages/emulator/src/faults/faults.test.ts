import { describe, expect, it } from 'vitest'
import type { Fault } from './fault.js'
import { createFaults } from './faults.js'

const path = '/cgi-bin/token'

describe('faults', () => {
  it('are taken in the order they were asked for, each as often as it says, on its own path', () => {
    const faults = createFaults()
    faults.add({ path, errcode: -1, times: 2 })
    faults.add({ path, status: 502 })
    faults.add({ path: '/sns/jscode2session', body: '' })
    const taken = [1, 2, 3, 4].map(() => faults.take(path))
    expect(taken.map(fault => fault?.errcode ?? fault?.status)).toEqual([-1, -1, 502, undefined])
    expect(faults.take('/sns/jscode2session')?.body).toBe('')
  })

  it.each<Omit<Fault, 'path'>>([
    {},
    { reset: false },
    { times: 3 },
    { errcode: -1, times: 0 },
    { errcode: -1, times: 1.5 },
    { errcode: -1, times: Number.NaN },
  ])('that bend nothing are refused: %j', fault => {
    const faults = createFaults()
    expect(() => faults.add({ path, ...fault })).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(faults.take(path)).toBeUndefined()
  })
})
