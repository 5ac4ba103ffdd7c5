import { createServer, type Server } from 'node:http'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { isVerifyError, VerifyError } from './errors.js'
import type { VerifierOptions } from './options.js'
import { createVerifier } from './verifier.js'
import { createKnownTokens, verifyToken } from './verify-token.js'

/** A login server as far as a verifier sees it: keys, and sessions that live or do not. */
let server: Server
let url: string
let keys: JWK[]
let privateKey: CryptoKey
let publicKey: CryptoKey
let requests: string[]
let me: { status: number; body: unknown }
beforeEach(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  privateKey = pair.privateKey
  publicKey = pair.publicKey
  keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }]
  requests = []
  me = { status: 200, body: { code: 'OK', data: {} } }
  server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const { status, body } = request.url === '/me' ? me : { status: 200, body: { keys } }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as { port: number }).port}`
})
afterEach(() => void server.close())

let now = new Date('2026-06-01T08:00:00Z')
beforeEach(() => {
  now = new Date('2026-06-01T08:00:00Z')
})
const verifier = (more: Partial<VerifierOptions> = {}) =>
  createVerifier({
    ...{ issuer: 'mplogin', audience: 'mplogin', jwksUri: `${url}/.well-known/jwks.json`, clock: () => now },
    ...more,
  })
const iat = Date.parse('2026-06-01T08:00:00Z') / 1000
const claims = { iss: 'mplogin', aud: 'mplogin', sub: 'a', sid: 's', appid: 'wx', iat, exp: iat + 900, jti: 'j' }
const sign = (payload: object = claims, header: object = {}) =>
  new SignJWT({ ...payload })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'one', ...header })
    .sign(privateKey)
const codeOf = (verifying: Promise<unknown>) =>
  verifying.then(
    () => 'verified',
    error => (isVerifyError(error) ? error.code : String(error)),
  )

describe('createVerifier', () => {
  it('tells whom a token speaks for, and fetches the keys once', async () => {
    const { verify, verifyHeader } = verifier()
    const account = {
      id: 'a',
      sessionId: 's',
      appid: 'wx',
      issuedAt: now,
      expiresAt: new Date(now.getTime() + 900_000),
    }
    expect(await verify(await sign())).toEqual(account)
    expect(await verifyHeader(`Bearer ${await sign()}`)).toEqual(account)
    expect(requests).toEqual(['/.well-known/jwks.json'])
  })

  it('allows clocks to differ by 5 seconds, or by as much as it is told', async () => {
    now = new Date((iat + 904) * 1000)
    expect(await codeOf(verifier().verify(await sign()))).toBe('verified')
    now = new Date((iat + 906) * 1000)
    expect(await codeOf(verifier().verify(await sign()))).toBe('TOKEN_EXPIRED')
    expect(await codeOf(verifier({ clockToleranceSeconds: 60 }).verify(await sign()))).toBe('verified')
    now = new Date((iat - 6) * 1000)
    expect(await codeOf(verifier().verify(await sign()))).toBe('UNAUTHENTICATED')
  })

  it('judges a token that it knows by the clock and by the keys again', async () => {
    const { verify } = verifier()
    const token = await sign()
    const first = await verify(token)
    Object.assign(first, { id: 'changed by its holder' })
    expect(await verify(token)).toMatchObject({ id: 'a' })
    now = new Date((iat - 6) * 1000)
    expect(await codeOf(verify(token))).toBe('UNAUTHENTICATED')
    now = new Date((iat + 904) * 1000)
    expect(await codeOf(verify(token))).toBe('verified')
    now = new Date((iat + 905) * 1000)
    expect(await codeOf(verify(token))).toBe('TOKEN_EXPIRED')
    expect(await codeOf(verifier().verify(token))).toBe('TOKEN_EXPIRED')
  })

  it('knows a token for whom it was right, and for nobody else', async () => {
    const known = createKnownTokens()
    const getKey = async () => publicKey
    const checks = { issuer: 'mplogin', audience: 'mplogin', getKey, clockToleranceSeconds: 0, now, known }
    const token = await sign()
    await verifyToken(token, checks)
    expect(known.size).toBe(1)
    expect(await codeOf(verifyToken(token, { ...checks, audience: 'other' }))).toBe('UNAUTHENTICATED')
    expect(await codeOf(verifyToken(token, { ...checks, issuer: 'other' }))).toBe('UNAUTHENTICATED')
    expect(await codeOf(verifyToken(token, checks))).toBe('verified')
  })

  it.each<[string, object, object]>([
    ['another issuer', { iss: 'other' }, {}],
    ['another audience', { aud: 'other' }, {}],
    ['no audience', { aud: undefined }, {}],
    ['another type', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['an unknown key', {}, { kid: 'two' }],
    ['not yet valid', { nbf: iat + 60 }, {}],
    ['no expiry', { exp: undefined }, {}],
    ['no account', { sub: '' }, {}],
    ['no session', { sid: undefined }, {}],
    ['a number for the session', { sid: 7 }, {}],
    ['an extension that must be understood', {}, { crit: ['b64'], b64: false }],
  ])('refuses a token with %s', async (_what, payload, header) => {
    const token = await sign({ ...claims, ...payload }, header).catch(() => undefined)
    if (token === undefined) return expect(header).toHaveProperty('crit')
    expect(await codeOf(verifier().verify(token))).toBe('UNAUTHENTICATED')
  })

  it('takes any of several audiences', async () => {
    expect(await codeOf(verifier({ audience: ['shop', 'mplogin'] }).verify(await sign()))).toBe('verified')
  })

  it('fetches keys again when a token names a new one, and not for every unknown one', async () => {
    const { verify } = verifier()
    await verify(await sign())
    for (let i = 0; i < 20; i++) await codeOf(verify(await sign(claims, { kid: `unknown-${i}` })))
    expect(requests.length).toBeLessThanOrEqual(2)
  })

  it('says that the login server cannot be reached, and works when it is back', async () => {
    const { port } = server.address() as { port: number }
    const { verify } = verifier()
    await new Promise(resolve => server.close(resolve))
    const failure = await verify(await sign()).catch(error => error as VerifyError)
    expect(failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE', statusCode: 503 })
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
    expect(await codeOf(verify(await sign()))).toBe('verified')
  })

  it('goes on with the keys it knows while the login server is away, without waiting for it each time, but not for ever', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    try {
      const { verify } = verifier()
      const token = await sign()
      expect(await codeOf(verify(token))).toBe('verified')
      server.closeAllConnections()
      server.close()
      const minutesLater = async (minutes: number) => {
        vi.advanceTimersByTime(minutes * 60_000)
        return codeOf(verify(token))
      }
      expect([await minutesLater(9), await minutesLater(2), await minutesLater(50)]).toEqual([
        'verified',
        'verified',
        'verified',
      ])
      expect(await minutesLater(20)).toBe('SERVICE_UNAVAILABLE')
    } finally {
      vi.useRealTimers()
    }
  })

  it('takes over at the next look that a key was withdrawn', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    try {
      const { verify } = verifier()
      const token = await sign()
      expect(await codeOf(verify(token))).toBe('verified')
      keys = [{ ...keys[0], kid: 'two' }]
      vi.advanceTimersByTime(11 * 60_000)
      expect(await codeOf(verify(token))).toBe('UNAUTHENTICATED')
    } finally {
      vi.useRealTimers()
    }
  })

  it('refuses an answer that holds no keys', async () => {
    keys = 'not keys' as never
    expect(await codeOf(verifier().verify(await sign()))).toBe('SERVICE_UNAVAILABLE')
  })

  it('says which option cannot be used', () => {
    const wrong = (more: object) => () => verifier(more)
    expect(wrong({ issuer: '' })).toThrow('issuer: expected')
    expect(wrong({ audience: [] })).toThrow('audience: expected')
    expect(wrong({ jwksUri: 'jwks.json' })).toThrow('jwksUri: expected')
    expect(wrong({ jwksUri: 'file:///keys' })).toThrow('jwksUri: expected')
    expect(wrong({ clockToleranceSeconds: -1 })).toThrow('clockToleranceSeconds: expected a number from 0 to 300')
    expect(wrong({ timeoutMs: Number.NaN })).toThrow('timeoutMs: expected')
    expect(wrong({ certainty: { meUrl: 'x' } })).toThrow('certainty.meUrl: expected')
  })

  it.each([
    undefined,
    '',
    'Basic eA==',
    'Bearer',
    'Bearer a b',
    'bearer  x y',
  ])('finds no token in %s', async header => {
    expect(await codeOf(verifier().verifyHeader(header))).toBe('UNAUTHENTICATED')
  })

  it('never tells the token in an error', async () => {
    const token = await sign({ ...claims, iss: 'other' })
    const error = (await verifier()
      .verify(token)
      .catch(failure => failure)) as VerifyError
    expect(error).toBeInstanceOf(VerifyError)
    expect(`${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toContain(token.split('.')[1])
  })
})

describe('certainty', () => {
  const certain = (cacheSeconds = 5) => verifier({ certainty: { meUrl: `${url}/me`, cacheSeconds } })
  const asked = () => requests.filter(path => path === '/me').length

  it('asks whether the session lives, once for all who ask meanwhile, and again after seconds', async () => {
    const { verify } = certain()
    const token = await sign()
    await Promise.all(Array.from({ length: 20 }, () => verify(token)))
    expect(asked()).toBe(1)
    now = new Date(now.getTime() + 4900)
    await verify(token)
    expect(asked()).toBe(1)
    now = new Date(now.getTime() + 200)
    await verify(token)
    expect(asked()).toBe(2)
  })

  it.each([
    ['a session that ended', 401, { code: 'SESSION_REVOKED' }, 'SESSION_REVOKED'],
    ['a disabled account', 403, { code: 'ACCOUNT_DISABLED' }, 'ACCOUNT_DISABLED'],
    ['a server that cannot serve', 503, { code: 'SERVICE_UNAVAILABLE' }, 'SERVICE_UNAVAILABLE'],
    ['a server that limits us', 429, { code: 'RATE_LIMITED' }, 'SERVICE_UNAVAILABLE'],
    ['a gateway in between', 502, 'Bad Gateway', 'SERVICE_UNAVAILABLE'],
    ['a redirect', 302, {}, 'SERVICE_UNAVAILABLE'],
  ])('hands on %s', async (_what, status, body, code) => {
    me = { status, body }
    expect(await codeOf(certain().verify(await sign()))).toBe(code)
  })

  it('asks again after a refusal', async () => {
    const { verify } = certain()
    me = { status: 503, body: {} }
    expect(await codeOf(verify(await sign()))).toBe('SERVICE_UNAVAILABLE')
    me = { status: 200, body: {} }
    expect(await codeOf(verify(await sign()))).toBe('verified')
  })
})
