import { describe, expect, it } from 'vitest'
import { createLoginCodes } from './codes.js'
import { createMemory } from './memory.js'

describe('a memory', () => {
  it('forgets what is older than it keeps, when others come', () => {
    let now = 0
    const memory = createMemory<number>({ clock: () => new Date(now), keepMs: 100 })
    memory.set('a', 1)
    now = 50
    memory.set('b', 2)
    now = 100
    memory.set('c', 3)
    expect(['a', 'b', 'c'].map(memory.get)).toEqual([1, 2, 3])
    now = 101
    memory.set('d', 4)
    expect(['a', 'b', 'c', 'd'].map(memory.get)).toEqual([undefined, 2, 3, 4])
    // What is set again is new again.
    memory.set('b', 5)
    now = 200
    memory.set('e', 6)
    expect(['b', 'c', 'd', 'e'].map(memory.get)).toEqual([5, 3, 4, 6])
    memory.clear()
    expect(memory.get('e')).toBeUndefined()
  })

  it('keeps no more than so many, the newest', () => {
    const memory = createMemory<number>({ clock: () => new Date(0), keepMs: 100, max: 3 })
    for (let i = 0; i < 10; i++) memory.set(String(i), i)
    expect([6, 7, 8, 9].map(i => memory.get(String(i)))).toEqual([undefined, 7, 8, 9])
  })
})

describe('a used code', () => {
  it('is known as used for an hour, and unknown after it', () => {
    let now = 0
    let made = 0
    const random = (count: number) => Buffer.alloc(count, made++)
    const codes = createLoginCodes({ clock: () => new Date(now), random })
    const minted = { userId: 'lin', appid: 'wx1' }
    const [used, old] = [codes.issue(minted), codes.issue(minted)]
    codes.spend(used)
    now = 300_001
    expect([used, old].map(code => codes.look(code).kind)).toEqual(['used', 'expired'])
    now = 3_600_001
    const { length } = codes.issue(minted)
    expect([length, ...[used, old].map(code => codes.look(code).kind)]).toEqual([32, 'unknown', 'unknown'])
  })
})
