import { describe, expect, it } from 'vitest'
import { dayMs, minuteMs } from '../clock.js'
import { decideRotation, type KeyFacts, type KeyPolicy, type RotationCause } from './decide-rotation.js'

const now = new Date('2026-06-01T08:00:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const policy: KeyPolicy = { algorithm: 'ES256', maxDays: 90, accessTtlSeconds: 900 }
const key = (kid: string, state: KeyFacts['state'], more: Partial<KeyFacts> = {}): KeyFacts => ({
  ...{ kid, state, alg: 'ES256', createdAt: ago(30 * dayMs), retiredAt: undefined },
  activatedAt: state === 'next' ? undefined : ago(30 * dayMs),
  ...more,
})
const [current, next] = [key('C', 'current'), key('N', 'next')]
const nothing = { drop: [], retire: undefined, promote: undefined, create: [] }
const decide = (keys: KeyFacts[], cause: RotationCause = 'tick', more: Partial<KeyPolicy> = {}) =>
  decideRotation(keys, { ...policy, ...more }, cause, now)
const promoted = { drop: [], retire: 'C', promote: 'N', create: ['next'] }

describe('decideRotation', () => {
  it('makes two keys where there are none', () => {
    expect(decide([])).toEqual({ ...nothing, create: ['current', 'next'] })
  })

  it('leaves keys alone that are of the right age and algorithm', () => {
    expect(decide([current, next])).toEqual(nothing)
    expect(decide([current, next], 'start')).toEqual(nothing)
  })

  it('rotates by age, counted from when the key began to sign, and never with 0', () => {
    const old = key('C', 'current', { createdAt: ago(100 * dayMs), activatedAt: ago(90 * dayMs) })
    expect(decide([old, next])).toEqual(promoted)
    expect(decide([key('C', 'current', { createdAt: ago(100 * dayMs) }), next])).toEqual(nothing)
    expect(decide([old, next], 'tick', { maxDays: 0 })).toEqual(nothing)
  })

  it('lets no key sign that was published for less than 10 minutes, unless it must', () => {
    const old = key('C', 'current', { activatedAt: ago(91 * dayMs) })
    const young = key('N', 'next', { createdAt: ago(9 * minuteMs) })
    expect(decide([old, young])).toEqual(nothing)
    expect(decide([current, young], 'rotate')).toEqual({ readyAt: new Date(now.getTime() + minuteMs) })
    expect(decide([current, young], 'now')).toEqual(promoted)
    expect(decide([current, key('N', 'next', { createdAt: ago(10 * minuteMs) })], 'rotate')).toEqual(promoted)
  })

  it('removes a leaked key instead of retiring it', () => {
    expect(decide([current, next], 'leaked')).toEqual({ ...promoted, drop: ['C'], retire: undefined })
  })

  it('keeps a retired key until its last token has expired, and a little longer', () => {
    const retired = (ms: number) => key('R', 'retired', { retiredAt: ago(ms) })
    expect(decide([retired(19 * minuteMs), current, next])).toEqual(nothing)
    expect(decide([retired(20 * minuteMs), current, next])).toEqual({ ...nothing, drop: ['R'] })
  })

  it('publishes a key of another algorithm when an instance starts with it, and lets it sign later', () => {
    const other = { algorithm: 'EdDSA' } as const
    expect(decide([current, next], 'start', other)).toEqual({ ...nothing, drop: ['N'], create: ['next'] })
    expect(decide([current, next], 'tick', other)).toEqual(nothing)
    expect(decide([current, next], 'rotate', other)).toEqual({ readyAt: new Date(now.getTime() + 10 * minuteMs) })
    expect(decide([current, key('N', 'next', { alg: 'EdDSA' })], 'tick', other)).toEqual(promoted)
  })

  it('publishes a next key where there is none', () => {
    expect(decide([current])).toEqual({ ...nothing, create: ['next'] })
  })
})
