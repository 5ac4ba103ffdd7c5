import type { Fault } from '@mplogin/emulator'
import { errcodeTable } from '@mplogin/wechat'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from './support/api.js'
import { type System, startSystem } from './support/system.js'

const codePath = '/sns/jscode2session'
const phonePath = '/wxa/business/getuserphonenumber'
const tokenPaths = { stable: '/cgi-bin/stable_token', legacy: '/cgi-bin/token' } as const

/** A login may take so long, whatever WeChat does (design: 8 s), and a little for our own work. */
const loginLimitMs = 8500

/** What WeChat can do to a call besides answering an errcode: each once. Slow ones exceed the 3 s of a call. */
const bends: readonly (readonly [string, Omit<Fault, 'path'>])[] = [
  ['HTTP 404', { status: 404 }],
  ['HTTP 500', { status: 500 }],
  ['HTTP 502', { status: 502 }],
  ['HTTP 503', { status: 503 }],
  ['an empty body', { body: '' }],
  ['half JSON', { body: '{"openid":"o' }],
  ['a list', { body: '[]' }],
  ['null', { body: 'null' }],
  ['an object without fields', { body: '{}' }],
  ['HTML', { html: true }],
  ['values of other kinds', { wrong: true }],
  ['a cut connection', { reset: true }],
  ['half an answer', { half: true }],
  ['an answer that is a little late', { delayMs: 150 }],
  ['an errcode with HTTP 500', { errcode: -1, status: 500 }],
]
const slowBends: readonly (readonly [string, Omit<Fault, 'path'>])[] = [
  ['an answer after 4 s', { delayMs: 4000 }],
  ['a trickle of bytes', { trickleMs: 60 }],
]

/** Every errcode that the client knows of, at any endpoint, and one that nobody knows. */
const errcodes = [
  ...new Set(
    [errcodeTable.everywhere, ...Object.values(errcodeTable.atEndpoints)].flatMap(entries =>
      Object.keys(entries).map(Number),
    ),
  ),
  99_999,
]

const configuration = [40013, 40125, 40164, 40243, 48001, 50004, 50007]
const tokenRejected = [40001, 40014, 42001]
const ourOwn = ['WECHAT_UNAVAILABLE', 'WECHAT_CONFIG']

/** What the design says (§5) of one errcode, answered once; `OK`: it is not noticed. */
function designed(path: string, errcode: number): readonly string[] {
  if (errcode === -1) return ['OK']
  if (errcode === 45009 || errcode === 45011) return ['WECHAT_RATE_LIMITED']
  if (path === phonePath) {
    if (tokenRejected.includes(errcode)) return ['OK']
    if ([40029, 40163, 40013].includes(errcode)) return ['PHONE_CODE_INVALID']
    if (errcode === 40003) return ['PHONE_CODE_NOT_YOURS']
  }
  if (path === codePath) {
    if (errcode === 40029) return ['WECHAT_CODE_INVALID']
    if (errcode === 40163) return ['WECHAT_CODE_USED']
  }
  if (errcode === 40226 && !path.startsWith('/cgi-bin/')) return ['WECHAT_USER_BLOCKED']
  return configuration.includes(errcode) ? ['WECHAT_CONFIG'] : ourOwn
}

describe.each(['stable', 'legacy'] as const)('whatever WeChat does, in %s mode,', mode => {
  let system: System
  let phones = 13_100_000_000
  beforeAll(async () => {
    system = await startSystem({ env: { WECHAT_TOKEN_MODE: mode } })
  })
  afterAll(() => system.close())

  const tokenPath = tokenPaths[mode]
  // In the other mode nothing else is another than the token's endpoint.
  const paths = mode === 'stable' ? [codePath, phonePath, tokenPath] : [tokenPath]

  /** A new person and the two ways in. */
  function newcomer() {
    const person = system.person(String(phones++))
    const codes = { code: person.phoneCode(), loginCode: person.loginCode() }
    const headers = { 'idempotency-key': `key-${phones}` }
    return {
      ...person,
      byBoth: () => system.api.loginByPhone(codes),
      /** The same again is a repeat. */
      byBothWithKey: () => system.api.loginByPhone(codes, { headers }),
    }
  }

  async function timed(work: () => Promise<Answer<unknown>>): Promise<string> {
    const startedMs = performance.now()
    const { status, body } = await work()
    expect(performance.now() - startedMs).toBeLessThan(loginLimitMs)
    expect(status === 200).toBe(body.code === 'OK')
    if (status !== 200) {
      expect(body.msg.length).toBeGreaterThan(0)
      expect(Object.keys(body).sort()).toEqual(['code', 'msg', 'requestId'])
    }
    return body.code
  }

  /** The token is asked for again, so that a fault of its endpoint has a call to bend; and the quota's day has turned. */
  const nextDay = () => system.advance({ days: 1 })

  async function meet(path: string, fault: Omit<Fault, 'path'>, allowed: readonly string[]) {
    if (path === tokenPath) nextDay()
    const lin = newcomer()
    system.emulator.addFault({ path, times: 1, ...fault })
    expect(allowed).toContain(await timed(lin.byBoth))
    for (const { id } of system.emulator.faults()) system.emulator.removeFault(id)
    return lin
  }

  async function nextOneSucceeds() {
    expect(await timed(newcomer().byBoth)).toBe('OK')
    expect(await timed(() => newcomer().login())).toBe('OK')
  }

  it.each(
    paths.flatMap(path => errcodes.map(errcode => [errcode, path] as const)),
  )('errcode %i of %s has its designed answer, and the next login succeeds', async (errcode, path) => {
    await meet(path, { errcode }, designed(path, errcode))
    if (errcode === 45009) nextDay()
    await nextOneSucceeds()
  })

  it.each(
    paths.flatMap(path => bends.map(([name, fault]) => [name, path, fault] as const)),
  )('%s of %s is survived or told, in time, and the next login succeeds', async (_name, path, fault) => {
    await meet(path, fault, ['OK', 'WECHAT_UNAVAILABLE'])
    await nextOneSucceeds()
  })

  it.concurrent.each(
    paths.flatMap(path => slowBends.map(([name, fault]) => [name, path, fault] as const)),
  )('%s of %s is given up in time, and the next login succeeds', async (_name, path, fault) => {
    const own = await startSystem({ env: { WECHAT_TOKEN_MODE: mode } })
    const logIn = (phone: string) => timed(() => own.person(phone).loginByPhone())
    own.emulator.addFault({ path, times: 1, ...fault })
    expect(['OK', 'WECHAT_UNAVAILABLE']).toContain(await logIn('13000000001'))
    expect(await logIn('13000000002')).toBe('OK')
    await own.close()
  })

  it.each(
    // WeChat has not traded the phone code when its token or the login code fails, or it never worked on it.
    [
      ...paths.filter(path => path !== phonePath).map(path => [path, { status: 502, times: 3 }] as const),
      ...paths.filter(path => path !== phonePath).map(path => [path, { reset: true, times: 3 }] as const),
      [phonePath, { status: 502 }] as const,
      [phonePath, { reset: true }] as const,
      [phonePath, { html: true }] as const,
      [tokenPath, { errcode: 40164 }] as const,
      [phonePath, { errcode: 40001, times: 2 }] as const,
    ],
  )('a paid code that %s did not spend is good for the repeat: %j', async (path, fault) => {
    if (path === tokenPath) nextDay()
    const lin = newcomer()
    system.emulator.addFault({ path, times: 1, ...fault })
    expect(await timed(lin.byBothWithKey)).not.toBe('OK')
    for (const { id } of system.emulator.faults()) system.emulator.removeFault(id)
    expect(await timed(lin.byBothWithKey)).toBe('OK')
  })

  it('faults by chance at every endpoint at once: each login ends as designed, and all is well when they are over', async () => {
    const seeds = paths.flatMap((path, i) => [
      { path, chance: 0.1, seed: 10 + i, errcode: -1 },
      { path, chance: 0.1, seed: 20 + i, reset: true },
      { path, chance: 0.1, seed: 30 + i, half: true },
      { path, chance: 0.1, seed: 40 + i, status: 502 },
    ])
    for (const fault of seeds) system.emulator.addFault(fault)
    const outcomes: Record<string, number> = {}
    for (let round = 0; round < 10; round++) {
      nextDay()
      const people = Array.from({ length: 12 }, newcomer)
      for (const code of await Promise.all(people.map(person => timed(person.byBoth)))) {
        outcomes[code] = (outcomes[code] ?? 0) + 1
      }
    }
    for (const { id } of system.emulator.faults()) system.emulator.removeFault(id)
    const allowed = ['OK', 'WECHAT_UNAVAILABLE', 'WECHAT_CODE_USED', 'WECHAT_CODE_INVALID', 'PHONE_CODE_INVALID']
    expect(Object.keys(outcomes).filter(code => !allowed.includes(code))).toEqual([])
    expect(outcomes.OK).toBeGreaterThan(40)
    process.stdout.write(`${mode}: ${JSON.stringify(outcomes)}\n`)
    await nextOneSucceeds()
  })
})

describe('a WeChat that is out', () => {
  it('is not called for each login, costs nobody seconds, and those who are signed in notice nothing', async () => {
    const system = await startSystem()
    try {
      const { accessToken, refreshToken } = (await system.person().login()).body.data
      system.emulator.addFault({ path: codePath, chance: 1, reset: true })
      const asked = () => Object.values(system.emulator.stats().calls[codePath] ?? {}).reduce((a, b) => a + b, 0)
      const before = asked()
      const startedMs = performance.now()
      for (let i = 0; i < 200; i++) {
        const { status, body } = await system.person().login()
        expect([status, body.code]).toEqual([502, 'WECHAT_UNAVAILABLE'])
      }
      // 20 to find out, and a probe after a second or two where the machine is that slow.
      const seconds = (performance.now() - startedMs) / 1000
      expect(asked() - before).toBeLessThanOrEqual(20 + Math.ceil(seconds))
      expect((await system.api.get('/me', accessToken)).status).toBe(200)
      expect((await system.api.post('/token/refresh', { refreshToken })).status).toBe(200)
      for (const { id } of system.emulator.faults()) system.emulator.removeFault(id)
      await expect
        .poll(async () => (await system.person().login()).status, { timeout: 10_000, interval: 100 })
        .toBe(200)
    } finally {
      await system.close()
    }
  })
})
