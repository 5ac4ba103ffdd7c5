import { connect } from 'node:net'
import { createVerifier, isVerifyError, type Verifier } from '@mplogin/verify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Attacker, startAttacker } from './support/jwt-attacker.js'
import { attacksOn, unusualTokens } from './support/jwt-attacks.js'
import { type Algorithm, openTokenWorld, type TokenWorld } from './support/jwt-forge.js'
import { type System, startSystem } from './support/system.js'

let attacker: Attacker
beforeAll(async () => {
  attacker = await startAttacker()
})
afterAll(async () => {
  await attacker.close()
  expect(attacker.requests(), 'keys fetched from the attacker').toBe(0)
})

describe.each<Algorithm>(['ES256', 'EdDSA', 'RS256'])('an access token signed with %s', algorithm => {
  let system: System
  let world: TokenWorld
  let verifier: Verifier
  beforeAll(async () => {
    system = await startSystem({ env: { SIGNING_ALGORITHM: algorithm, RATE_LIMIT_PER_MINUTE: '0' } })
    world = await openTokenWorld(system, algorithm, attacker)
    verifier = createVerifier({
      ...{ issuer: 'mplogin', audience: 'mplogin', jwksUri: `${system.url}/.well-known/jwks.json` },
      clock: system.clock,
    })
  })
  afterAll(async () => {
    // Whatever was brought, nothing failed inside, and no token came into the log.
    const log = system.log.join('')
    expect(log).not.toMatch(/"level":(50|60)/)
    expect(log).not.toContain(world.parts.payload)
    await system.close()
  })

  /** What the server answers to a token. */
  async function answerTo(token: string): Promise<string> {
    const { status, headers, body } = await system.api.get('/me', token)
    if (status === 200) return 'accepted'
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(Object.keys(body).sort()).toEqual(['code', 'msg', 'requestId'])
    expect(JSON.stringify(body)).not.toMatch(/ {4}at |node_modules|jose|\.js\b/)
    return body.code
  }

  /** What a back end that verifies by itself makes of it. */
  function verdictOn(token: string): Promise<string> {
    return verifier.verify(token).then(
      () => 'accepted',
      error => (isVerifyError(error) ? error.code : String(error)),
    )
  }

  describe.each([
    // What no header can carry, or what Node reads no headers of, does not come to the server.
    ['the server', answerTo, (token: string) => /^[\t\x20-\x7e]*$/.test(token) && token.length < 12_000],
    ['@mplogin/verify', verdictOn, () => true],
  ])('and brought to %s', (_target, judge, canBring) => {
    it.each(attacksOn(algorithm))('is refused: $title', async ({ forge, code }) => {
      const tokens = Object.entries(forge(world)).filter(([, token]) => canBring(token))
      expect(tokens.length).toBeGreaterThan(0)
      const verdicts = await Promise.all(tokens.map(async ([name, token]) => [name, await judge(token)]))
      expect(verdicts).toEqual(tokens.map(([name]) => [name, code]))
    })

    it('counts when it is genuine, also where it looks unusual', async () => {
      const tokens = { genuine: world.genuine, 'signed by the test': world.ours(), ...unusualTokens(world) }
      for (const [name, token] of Object.entries(tokens)) expect([name, await judge(token)]).toEqual([name, 'accepted'])
    })
  })
})

describe('an Authorization header', () => {
  let system: System
  let token: string
  beforeAll(async () => {
    system = await startSystem()
    token = (await system.person().login()).body.data.accessToken
  })
  afterAll(() => system.close())

  it.each([
    ['none', () => undefined],
    ['nothing', () => ''],
    ['no token', () => 'Bearer'],
    ['only a space', () => 'Bearer '],
    ['another scheme', () => `Basic ${token}`],
    ['no scheme', () => token],
    ['two tokens', () => `Bearer ${token} ${token}`],
    ['a list', () => `Bearer ${token}, Bearer ${token}`],
    ['a quoted token', () => `Bearer "${token}"`],
    ['a parameter', () => `Bearer token=${token}`],
  ])('with %s is refused', async (_what, value) => {
    const authorization = value()
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
    const { status, body } = await system.api.request('GET', '/me', { headers })
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED'])
  })

  it('is the only place where a token counts', async () => {
    const answers = [
      await system.api.get(`/me?access_token=${token}`),
      await system.api.request('GET', '/me', { headers: { cookie: `access_token=${token}; token=${token}` } }),
      await system.api.request('GET', '/me', { headers: { 'x-authorization': `Bearer ${token}` } }),
      await system.api.request('GET', '/me', { headers: { 'proxy-authorization': `Bearer ${token}` } }),
    ]
    expect(answers.map(({ body }) => body.code)).toEqual(Array(4).fill('UNAUTHENTICATED'))
  })

  it('of 1 MB is refused by its size, and the server lives on', async () => {
    const { hostname, port } = new URL(system.url)
    const answer = await new Promise<string>(resolve => {
      let text = ''
      const socket = connect(Number(port), hostname, () => {
        socket.write(`GET /me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'x'.repeat(1_000_000)}\r\n\r\n`)
      })
      socket.on('data', chunk => {
        text += chunk
      })
      // What it did not read before it answered, the system may refuse.
      socket.on('error', () => {}).on('close', () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
    expect(answer).not.toMatch(/ {4}at |xxx/)
    expect((await system.api.get('/me', token)).status).toBe(200)
  })
})
