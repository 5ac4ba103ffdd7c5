import { describe, expect, it } from 'vitest'
import { createForceLimit } from './force-limit.js'

describe('the limit of forced refreshes', () => {
  it('gives one each 30 s', () => {
    let nowMs = 0
    const limit = createForceLimit(() => new Date(nowMs))
    expect(limit.take()).toBe(true)
    nowMs += 29_999
    expect(limit.take()).toBe(false)
    nowMs += 1
    expect(limit.take()).toBe(true)
  })

  it('gives 20 a day', () => {
    let nowMs = 0
    const limit = createForceLimit(() => new Date(nowMs))
    let taken = 0
    for (; nowMs < 24 * 3600_000; nowMs += 60_000) if (limit.take()) taken += 1
    expect(taken).toBe(20)
    expect(limit.take()).toBe(true)
  })
})
