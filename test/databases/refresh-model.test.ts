import type { TokenPair } from '@mplogin/contract'
import { createKeyring } from '@mplogin/server'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RotationCause } from '../../packages/server/src/sessions/decide-rotation.js'
import { rotateKeys } from '../../packages/server/src/sessions/rotate-keys.js'
import type { Answer } from '../support/api.js'
import { brokenInvariants } from '../support/invariants.js'
import { type Device, devices, type Holder, histories, type Step } from '../support/refresh-histories.js'
import { ModelKeys, type ModelPair, type ModelSession, RefreshModel } from '../support/refresh-model.js'
import { type System, startSystem } from '../support/system.js'

/** So many cases of each property; a failure prints its seed. */
const runs = (count: number) => ({
  numRuns: Number(process.env.MODEL_RUNS ?? count),
  ...(process.env.MODEL_SEED && { seed: Number(process.env.MODEL_SEED) }),
})

let system: System
const keys = new ModelKeys()
beforeAll(async () => {
  // Keys rotate when the test says so, not by age.
  system = await startSystem({ env: { RATE_LIMIT_PER_MINUTE: '0', SIGNING_KEY_MAX_DAYS: '0' } })
})
afterAll(async () => {
  expect(await brokenInvariants(system.database)).toEqual([])
  await system.close()
})

const now = () => system.clock().getTime()
const refresh = (refreshToken: string) => system.api.post<TokenPair>('/token/refresh', { refreshToken })
const me = (token: string) => system.api.get('/me', token)
const signIn = async () => (await system.person().login()).body.data
const codeOf = ({ status, body }: Answer<unknown>) => (status === 200 ? 'OK' : body.code)

/** As `mplogin keys rotate` does it, and the server follows: a token that names a key it does not know makes it look. */
async function rotate(cause: RotationCause): Promise<void> {
  const { database, config } = system
  const { SIGNING_ALGORITHM: algorithm, ACCESS_TOKEN_TTL_SECONDS: accessTtlSeconds } = config.values
  const deps = { database, keyring: createKeyring(config.secrets), policy: { algorithm, maxDays: 0, accessTtlSeconds } }
  const plan = await rotateKeys(deps, cause, system.clock())
  if ('promote' in plan && plan.promote !== undefined) keys.rotate(cause === 'leaked')
  system.advance({ seconds: 6 })
  const header = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"unknown"}').toString('base64url')
  expect(codeOf(await me(`${header}.e30.AAAA`))).toBe('UNAUTHENTICATED')
}

/** In seconds. */
const day = 86_400

/** What a device or a thief holds, beside what the model knows of it. */
interface Held {
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string }
  readonly pair: ModelPair
}

/** One run: an account of its own with two devices, and a thief. */
class Run {
  readonly #model = new RefreshModel(keys)
  readonly #person = system.person()
  readonly #owned: Held[] = []
  readonly #kept: Held[] = []
  readonly #stolen: Held[] = []
  /** Of each session, its refresh tokens in order. */
  readonly #given = new Map<ModelSession, string[]>()

  async start(): Promise<void> {
    for (const device of devices) await this.#signIn(device)
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'wait':
        return system.advance({ seconds: step.seconds })
      case 'rotateKeys':
        return rotate(step.cause)
      case 'signIn':
        return this.#signIn(step.of)
      case 'keep':
        this.#kept[step.of] = this.#held('owner', step.of)
        return
      case 'resume':
        this.#owned[step.of] = this.#kept[step.of] ?? this.#held('owner', step.of)
        return
      case 'steal':
        this.#stolen[step.of] = this.#held('owner', step.of)
        return
      case 'refresh':
        return this.#refresh(step)
      case 'parallel':
        return this.#parallel(step)
      default:
        return this.#use(step)
    }
  }

  #held(by: Holder, device: Device): Held {
    const held = (by === 'thief' ? this.#stolen[device] : undefined) ?? this.#owned[device]
    if (!held) throw new Error('the run has not started')
    return held
  }

  #hold(by: Holder, device: Device, held: Held | undefined): void {
    if (held) (by === 'thief' && this.#stolen[device] ? this.#stolen : this.#owned)[device] = held
  }

  async #signIn(device: Device): Promise<void> {
    const pair = this.#model.signIn(now())
    const { accessToken, refreshToken } = (await this.#person.login()).body.data
    this.#given.set(pair.session, [refreshToken])
    this.#owned[device] = { pair, tokens: { accessToken, refreshToken } }
    this.#kept[device] = this.#owned[device]
  }

  async #refresh({ of, by, lost, arrives }: Step & { do: 'refresh' }): Promise<void> {
    const held = this.#held(by, of)
    for (let i = 0; i < lost; i++) await this.#compare(held, await refresh(held.tokens.refreshToken))
    if (!arrives && lost > 0) return
    const answered = await this.#compare(held, await refresh(held.tokens.refreshToken))
    this.#hold(by, of, answered)
    // A device that is refused asks its person to sign in again; a thief cannot.
    if (!answered && held === this.#owned[of]) await this.#signIn(of)
  }

  async #parallel({ of, by, count }: Step & { do: 'parallel' }): Promise<void> {
    const held = this.#held(by, of)
    const answers = await Promise.all(Array.from({ length: count }, () => refresh(held.tokens.refreshToken)))
    for (const answer of answers) this.#hold(by, of, await this.#compare(held, answer))
  }

  /** Compares an answer with what the model foretells; what arrived, if it was a pair. */
  async #compare({ pair, tokens }: Held, answer: Answer<TokenPair>): Promise<Held | undefined> {
    const hadEnded = pair.session.hasEnded
    const expected = this.#model.refresh(pair, now())
    expect([answer.status, codeOf(answer)]).toEqual([expected.code === 'OK' ? 200 : 401, expected.code])
    if (expected.code === 'OK') {
      const { expiresIn, refreshExpiresIn } = expected
      expect(answer.body.data).toMatchObject({ tokenType: 'Bearer', expiresIn, refreshExpiresIn })
      const { accessToken, refreshToken } = answer.body.data
      const given = this.#given.get(pair.session) ?? []
      if (expected.pair.generation > given.length) expect(given).not.toContain(refreshToken)
      else expect(refreshToken).toBe(given[expected.pair.generation - 1])
      given[expected.pair.generation - 1] = refreshToken
      return { pair: expected.pair, tokens: { accessToken, refreshToken } }
    }
    if (expected.code === 'REFRESH_REUSED' && !hadEnded) {
      const all = [...this.#owned, ...this.#kept, ...this.#stolen].filter(held => held?.pair.session === pair.session)
      await expectShutOut([tokens, ...all.map(held => held.tokens)])
    }
    return undefined
  }

  /** Does what an access token allows, and compares. */
  async #use(step: Step & { do: 'me' | 'logout' | 'logoutEverywhere' | 'revoke' }): Promise<void> {
    const { pair, tokens } = this.#held(step.by, step.of)
    const token = tokens.accessToken
    switch (step.do) {
      case 'me': {
        const expected = this.#model.access(pair, now())
        return expect(expected).toContain(codeOf(await me(token)))
      }
      case 'logout':
      case 'logoutEverywhere': {
        const everywhere = step.do === 'logoutEverywhere'
        const answer = await system.api.post('/logout', { everywhere }, { token })
        return expect(this.#model.logout(pair, now(), everywhere)).toContain(codeOf(answer))
      }
      case 'revoke': {
        const { sessions } = this.#model
        const session = sessions[step.which % sessions.length] ?? pair.session
        await this.#list(pair, token)
        const [id] = this.#given.get(session)?.[0]?.split('.') ?? []
        const answer = await system.api.request('DELETE', `/me/sessions/${id}`, { token })
        return expect(this.#model.revoke(pair, session, now())).toContain(codeOf(answer))
      }
    }
  }

  async #list(pair: ModelPair, token: string): Promise<void> {
    const answer = await system.api.get<{ sessions: { id: string; current: boolean; expiresAt: string }[] }>(
      '/me/sessions',
      token,
    )
    expect(this.#model.access(pair, now())).toContain(codeOf(answer))
    if (answer.status !== 200) return
    const live = this.#model.sessions.filter(session => session.isLive(now()))
    const expected = live.map(session => ({
      id: this.#given.get(session)?.[0]?.split('.')[0],
      current: session === pair.session,
      expiresAt: new Date(session.expiresAt).toISOString(),
    }))
    expect(answer.body.data.sessions).toHaveLength(expected.length)
    for (const session of expected) expect(answer.body.data.sessions).toContainEqual(expect.objectContaining(session))
  }
}

/** Nobody who holds tokens of the session can go on. */
async function expectShutOut(held: readonly { accessToken: string; refreshToken: string }[]): Promise<void> {
  for (const { accessToken, refreshToken } of held) {
    expect(codeOf(await refresh(refreshToken))).toBe('REFRESH_REUSED')
    expect(['SESSION_REVOKED', 'TOKEN_EXPIRED', 'UNAUTHENTICATED']).toContain(codeOf(await me(accessToken)))
  }
}

describe('refresh tokens', { timeout: 120_000 }, () => {
  it('are answered as a small model of the design foretells, whatever honest devices, thieves and revocations do', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async taken => {
        const run = new Run()
        await run.start()
        for (const step of taken) await run.take(step)
      }),
      runs(40),
    )
  })

  it('tell of a thief who takes turns with the owner, later than a minute, within three generations', async () => {
    const pause = fc.integer({ min: 61, max: day })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: day }), { maxLength: 4 }),
        fc.boolean(),
        fc.array(pause, { minLength: 6, maxLength: 6 }),
        async (before, isThiefFirst, pauses) => {
          let owner: TokenPair = await signIn()
          for (const seconds of before) {
            system.advance({ seconds })
            owner = (await refresh(owner.refreshToken)).body.data
          }
          let thief = owner
          const generations = new Set<string>()
          let detected: Answer<TokenPair> | undefined
          for (const [turn, seconds] of pauses.entries()) {
            system.advance({ seconds })
            const isThief = (turn % 2 === 0) === isThiefFirst
            const answer = await refresh((isThief ? thief : owner).refreshToken)
            if (answer.status !== 200) {
              detected = answer
              break
            }
            if (isThief) thief = answer.body.data
            else owner = answer.body.data
            generations.add(answer.body.data.refreshToken)
          }
          expect(detected?.body.code).toBe('REFRESH_REUSED')
          expect(generations.size).toBeLessThanOrEqual(3)
          await expectShutOut([owner, thief])
        },
      ),
      runs(15),
    )
  })

  it('tell of a thief as soon as an older generation is used, by whichever of the two fell behind', async () => {
    const pause = fc.integer({ min: 0, max: day })
    await fc.assert(
      fc.asyncProperty(fc.array(pause, { minLength: 2, maxLength: 6 }), pause, async (pauses, last) => {
        const behind = await signIn()
        let ahead: TokenPair = behind
        for (const seconds of pauses) {
          system.advance({ seconds })
          const answer = await refresh(ahead.refreshToken)
          expect(answer.status).toBe(200)
          ahead = answer.body.data
        }
        system.advance({ seconds: last })
        expect((await refresh(behind.refreshToken)).body.code).toBe('REFRESH_REUSED')
        await expectShutOut([behind, ahead])
        const [sessionId] = behind.refreshToken.split('.')
        const audited = await system.database.db
          .selectFrom('audit')
          .select('detail')
          .where('action', '=', 'session.reuse_detected')
          .where('detail', 'like', `%${sessionId}%`)
          .execute()
        expect(audited).toHaveLength(1)
      }),
      runs(15),
    )
  })

  it('never log an honest device out, short of three rotations in a row whose answers are lost and asked for late', async () => {
    const seconds = fc.constantFrom(0, 1, 30, 60, 61, 900, 2 * day)
    const rotation = fc.record({
      pause: fc.constantFrom(1, 600, 900, 3 * day),
      /** Seconds until the device asks again, for each answer that it lost. */
      lost: fc.array(seconds, { maxLength: 3 }),
      parallel: fc.constantFrom(1, 1, 1, 2, 5),
      keys: fc.option(fc.constantFrom<RotationCause>('rotate', 'now', 'leaked', 'tick'), { freq: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(rotation, { minLength: 3, maxLength: 10, size: 'max' }), async rotations => {
        let held: TokenPair = await signIn()
        let lateInARow = 0
        for (const { pause, lost, parallel, keys } of rotations) {
          system.advance({ seconds: pause })
          let waited = 0
          for (const seconds of lost) {
            // Two late ones in a row are the most that an honest device may bring.
            const gap = lateInARow === 2 ? Math.min(seconds, 60 - waited) : seconds
            expect((await refresh(held.refreshToken)).status).toBe(200)
            system.advance({ seconds: gap })
            waited += gap
          }
          lateInARow = waited > 60 ? lateInARow + 1 : 0
          const answers = await Promise.all(Array.from({ length: parallel }, () => refresh(held.refreshToken)))
          expect(answers.map(answer => answer.status)).toEqual(answers.map(() => 200))
          held = answers[0]?.body.data ?? held
          expect((await me(held.accessToken)).status).toBe(200)
          if (keys) await rotate(keys)
        }
      }),
      runs(20),
    )
  })

  it('end with one usable pair, also when fifty requests present the same one at once, in time or late', async () => {
    let held: TokenPair = await signIn()
    for (const isLate of [false, true]) {
      if (isLate) {
        await refresh(held.refreshToken)
        system.advance({ seconds: 61 })
      }
      const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(held.refreshToken)))
      expect(answers.map(answer => answer.status)).toEqual(Array(50).fill(200))
      const pairs = answers.map(answer => answer.body.data)
      expect(new Set(pairs.map(pair => pair.refreshToken)).size).toBe(1)
      const usable = await Promise.all(pairs.map(pair => me(pair.accessToken)))
      expect(usable.map(answer => answer.status)).toEqual(Array(50).fill(200))
      held = pairs[0] ?? held
    }
    expect((await refresh(held.refreshToken)).status).toBe(200)
  })
})
