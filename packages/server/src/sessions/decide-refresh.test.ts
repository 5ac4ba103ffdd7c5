import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideRefresh, type RefreshFacts } from './decide-refresh.js'

const start = new Date('2026-06-01T00:00:00Z')
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)
const session = (more: Partial<RefreshFacts> = {}): RefreshFacts => ({
  generation: 5,
  rotatedAt: start,
  lateGeneration: 0,
  lateCount: 0,
  ...more,
})

describe('decideRefresh', () => {
  it('rotates the current generation, however late', () => {
    expect(decideRefresh(session(), 5, after(0))).toEqual({ kind: 'rotate' })
    expect(decideRefresh(session(), 5, after(1e6))).toEqual({ kind: 'rotate' })
  })
  it('gives the successor again to the one before: the answer was lost, or two requests raced', () => {
    expect(decideRefresh(session(), 4, after(60))).toEqual({ kind: 'repeat' })
  })
  it('takes an older one for theft', () => {
    expect(decideRefresh(session(), 3, after(0))).toEqual({ kind: 'reuse' })
    expect(decideRefresh(session(), 1, after(0))).toEqual({ kind: 'reuse' })
  })
  it('does not know a generation that was never given', () => {
    expect(decideRefresh(session(), 6, after(0))).toEqual({ kind: 'unknown' })
  })
  it('notes a repeat later than 60 s, once a generation', () => {
    expect(decideRefresh(session(), 4, after(61))).toEqual({
      kind: 'repeat',
      late: { lateGeneration: 5, lateCount: 1 },
    })
    expect(decideRefresh(session({ lateGeneration: 5, lateCount: 1 }), 4, after(99))).toEqual({ kind: 'repeat' })
  })
  it('counts late repeats of generations in a row, and begins anew after a gap', () => {
    expect(decideRefresh(session({ lateGeneration: 4, lateCount: 1 }), 4, after(61))).toEqual({
      kind: 'repeat',
      late: { lateGeneration: 5, lateCount: 2 },
    })
    expect(decideRefresh(session({ lateGeneration: 3, lateCount: 2 }), 4, after(61))).toEqual({
      kind: 'repeat',
      late: { lateGeneration: 5, lateCount: 1 },
    })
  })
  it('ends at the third late repeat in a row: two holders are taking turns', () => {
    expect(decideRefresh(session({ lateGeneration: 4, lateCount: 2 }), 4, after(61))).toEqual({ kind: 'reuse' })
  })
})

/** A session as the database holds it, driven by presented generations. */
function createModel() {
  let facts: RefreshFacts = { generation: 1, rotatedAt: start, lateGeneration: 0, lateCount: 0 }
  let isRevoked = false
  return {
    /** The generation that the answer carries; undefined when the session is revoked. */
    present(generation: number, now: Date): number | undefined {
      if (isRevoked) return undefined
      const decision = decideRefresh(facts, generation, now)
      if (decision.kind === 'reuse' || decision.kind === 'unknown') isRevoked = true
      if (decision.kind === 'rotate') facts = { ...facts, generation: facts.generation + 1, rotatedAt: now }
      if (decision.kind === 'repeat' && decision.late) facts = { ...facts, ...decision.late }
      return isRevoked ? undefined : facts.generation
    },
    isRevoked: () => isRevoked,
  }
}

describe('refresh over time', () => {
  it('never ends the session of a device that retries each lost answer within a minute', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ pause: fc.integer({ min: 0, max: 900 }), lost: fc.integer({ min: 0, max: 5 }) }), {
          maxLength: 60,
        }),
        steps => {
          const model = createModel()
          let held = 1
          let now = 0
          for (const { pause, lost } of steps) {
            now += pause
            for (let i = 0; i < lost; i++) expect(model.present(held, after(now + i * 10))).toBeDefined()
            const answered = model.present(held, after(now + lost * 10))
            expect(answered).toBe(held + 1)
            held = held + 1
            now += 50
          }
        },
      ),
    )
  })

  it('finds a thief out who takes turns with the owner, within three generations each asked late', () => {
    const model = createModel()
    const held = { owner: 1, thief: 1 }
    let now = 0
    let turns = 0
    while (!model.isRevoked()) {
      const who = turns % 2 === 0 ? 'owner' : 'thief'
      now += 600
      held[who] = model.present(held[who], after(now)) ?? held[who]
      turns++
      expect(turns).toBeLessThan(10)
    }
    expect(model.isRevoked()).toBe(true)
  })

  it('finds a stolen copy out as soon as it is older than the one before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), rotations => {
        const model = createModel()
        for (let generation = 1; generation <= rotations; generation++)
          model.present(generation, after(generation * 600))
        expect(model.present(rotations - 1, after(rotations * 600 + 1))).toBeUndefined()
        expect(model.isRevoked()).toBe(true)
      }),
    )
  })
})
