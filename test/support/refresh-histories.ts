import fc from 'fast-check'
import type { RotationCause } from '../../packages/server/src/sessions/decide-rotation.js'

/** The devices of one account. */
export const devices = [0, 1] as const
export type Device = (typeof devices)[number]
export type Holder = 'owner' | 'thief'
/** What can happen to the tokens of a device, which a thief may have a copy of. */
export type Step =
  | { readonly do: 'wait'; readonly seconds: number }
  | {
      readonly do: 'refresh'
      readonly of: Device
      readonly by: Holder
      /** So many answers are lost before one arrives, or none does. */
      readonly lost: number
      readonly arrives: boolean
    }
  | { readonly do: 'parallel'; readonly of: Device; readonly by: Holder; readonly count: number }
  /** The app is suspended with a copy of its tokens, and may resume with it; a thief takes a copy; the person signs in anew. */
  | { readonly do: 'keep' | 'resume' | 'steal' | 'signIn'; readonly of: Device }
  | { readonly do: 'me' | 'logout' | 'logoutEverywhere'; readonly of: Device; readonly by: Holder }
  | { readonly do: 'revoke'; readonly of: Device; readonly by: Holder; readonly which: number }
  | { readonly do: 'rotateKeys'; readonly cause: RotationCause }

const of = fc.constantFrom(...devices)
const by = fc.constantFrom<Holder>('owner', 'thief')
/** In seconds. */
const day = 86_400
const minutes = fc.constantFrom(1, 30, 59, 60, 61, 61, 300, 899, 900, 1200, day)
const days = fc.constantFrom(60, 61, day, 10 * day, 25 * day, 25 * day, 30 * day - 1, 30 * day)
const is = <T extends string>(...names: T[]) => fc.constantFrom(...names)

/** A step, and how often it is taken. */
const step = <T extends Step>(weight: number, shape: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) => ({
  weight,
  arbitrary: fc.record(shape) as fc.Arbitrary<unknown> as fc.Arbitrary<Step>,
})

const anything = (seconds: fc.Arbitrary<number>) =>
  fc.oneof(
    step(10, { do: is('wait'), seconds }),
    step(14, { do: is('refresh'), of, by, lost: fc.constantFrom(0, 0, 0, 1, 2), arrives: fc.boolean() }),
    step(2, { do: is('parallel'), of, by, count: fc.integer({ min: 2, max: 5 }) }),
    step(2, { do: is('keep', 'resume'), of }),
    step(2, { do: is('steal'), of }),
    step(1, { do: is('signIn'), of }),
    step(3, { do: is('me'), of, by }),
    step(1, { do: is('logout', 'logoutEverywhere'), of, by }),
    step(1, { do: is('revoke'), of, by, which: fc.nat(5) }),
    step(1, { do: is('rotateKeys'), cause: is<RotationCause>('rotate', 'now', 'leaked', 'tick') }),
  )

const several = <T>(of: fc.Arbitrary<T>, maxLength: number) =>
  fc.noBias(fc.array(of, { minLength: 5, maxLength, size: 'max' }))

// What steps of any kind seldom come to: two who hold one token and take turns, and a device that is used once a month.
const [first] = devices
const refreshed = (by: Holder, arrives = true): Step => ({
  do: 'refresh',
  of: first,
  by,
  lost: arrives ? 0 : 1,
  arrives,
})
const turns = several(
  fc.record({ lost: fc.constantFrom(0, 0, 1, 2), seconds: fc.constantFrom(30, 60, 61, 61, 61, 61, 900) }),
  12,
).map(taken =>
  taken.flatMap(({ lost, seconds }, turn): Step[] => {
    const by = turn % 2 === 0 ? 'owner' : 'thief'
    const wait: Step = { do: 'wait', seconds }
    const losses = Array.from({ length: lost }, () => [refreshed(by, false), wait]).flat()
    return [...(turn === 0 ? [{ do: 'steal', of: first } as const] : []), ...losses, refreshed(by), wait]
  }),
)
const months = several(fc.constantFrom(20, 25, 29, 29, 29, 30), 10).map(taken =>
  taken.flatMap((days): Step[] => [{ do: 'wait', seconds: days * day }, refreshed('owner')]),
)
/** What happens to one account, step by step. */
export const histories: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 2, arbitrary: several(anything(minutes), 60) },
  { weight: 2, arbitrary: several(anything(days), 60) },
  { weight: 3, arbitrary: turns },
  { weight: 2, arbitrary: months },
)
