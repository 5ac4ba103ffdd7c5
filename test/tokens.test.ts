import { createPublicKey, type JsonWebKey } from 'node:crypto'
import type { LoginAnswer, TokenPair } from '@mplogin/contract'
import { createVerifier } from 'fast-jwt'
import jsonwebtoken from 'jsonwebtoken'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type System, startSystem } from './support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

const refresh = (refreshToken: unknown) => system.api.post<TokenPair>('/token/refresh', { refreshToken })
const me = (token: string) => system.api.get('/me', token)
const login = async () => (await system.person().login()).body.data
const jwks = async () =>
  ((await (await fetch(`${system.url}/.well-known/jwks.json`)).json()) as { keys: (JsonWebKey & { kid: string })[] })
    .keys

describe('access tokens', () => {
  it('are at+jwt, ES256, with the claims of the design and nothing more', async () => {
    const { accessToken, user } = await login()
    const [header, payload] = accessToken
      .split('.')
      .slice(0, 2)
      .map(part => JSON.parse(Buffer.from(part, 'base64url').toString()))
    expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) })
    const iat = system.clock().getTime() / 1000
    expect(payload).toEqual({
      iss: 'mplogin',
      aud: 'mplogin',
      sub: user.id,
      sid: expect.any(String),
      appid: 'wxaaaaaaaaaaaaaaaa',
      iat,
      exp: iat + 900,
      jti: expect.any(String),
    })
  })

  it('are verified by two libraries that did not sign them, through the published keys', async () => {
    const { accessToken, user } = await login()
    const { kid } = JSON.parse(Buffer.from(accessToken.split('.')[0] ?? '', 'base64url').toString())
    const jwk = (await jwks()).find(key => key.kid === kid)
    if (!jwk) throw new Error('the signing key is not published')
    const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString()
    const at = system.clock()
    expect(
      jsonwebtoken.verify(accessToken, pem, {
        algorithms: ['ES256'],
        issuer: 'mplogin',
        audience: 'mplogin',
        clockTimestamp: at.getTime() / 1000,
      }),
    ).toMatchObject({ sub: user.id })
    const verify = createVerifier({
      key: pem,
      algorithms: ['ES256'],
      allowedIss: 'mplogin',
      allowedAud: 'mplogin',
      clockTimestamp: at.getTime(),
    })
    expect(verify(accessToken)).toMatchObject({ sub: user.id })
  })

  it('are published without their private part, with the next key beside the current one', async () => {
    const keys = await jwks()
    expect(keys).toHaveLength(2)
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })

  it('end after 15 minutes', async () => {
    const { accessToken } = await login()
    system.advance({ minutes: 14, seconds: 59 })
    expect((await me(accessToken)).status).toBe(200)
    system.advance({ seconds: 2 })
    const over = await me(accessToken)
    expect([over.status, over.body.code]).toEqual([401, 'TOKEN_EXPIRED'])
    expect(over.headers.get('www-authenticate')).toBe('Bearer')
  })
})

describe('refresh', () => {
  it('gives a new pair; both new tokens work', async () => {
    const first = await login()
    system.advance({ minutes: 10 })
    const second = await refresh(first.refreshToken)
    expect(second.body).toMatchObject({
      code: 'OK',
      msg: '刷新成功',
      data: { tokenType: 'Bearer', expiresIn: 900, refreshExpiresIn: 30 * 86_400 },
    })
    expect(second.body.data.refreshToken).not.toBe(first.refreshToken)
    expect((await me(second.body.data.accessToken)).status).toBe(200)
    expect((await refresh(second.body.data.refreshToken)).status).toBe(200)
  })

  it('gives the same successor to whoever asks again: the answer was lost', async () => {
    const { refreshToken } = await login()
    const answers = [await refresh(refreshToken), await refresh(refreshToken)]
    expect(answers[0]?.body.data.refreshToken).toBe(answers[1]?.body.data.refreshToken)
  })

  it('ends the session when an older token is presented: it was stolen', async () => {
    const first = await login()
    const second = (await refresh(first.refreshToken)).body.data
    const third = (await refresh(second.refreshToken)).body.data
    const stolen = await refresh(first.refreshToken)
    expect([stolen.status, stolen.body.code]).toEqual([401, 'REFRESH_REUSED'])
    expect((await refresh(third.refreshToken)).body.code).toBe('REFRESH_REUSED')
    expect((await me(third.accessToken)).body.code).toBe('SESSION_REVOKED')
    const audit = await system.database.db
      .selectFrom('audit')
      .select('account_id')
      .where('action', '=', 'session.reuse_detected')
      .execute()
    expect(audit).toContainEqual({ account_id: first.user.id })
  })

  it('slides for 30 days, and ends after 180 whatever happens', async () => {
    let token = (await login()).refreshToken
    for (let day = 0; day < 174; day += 29) {
      system.advance({ days: 29 })
      const answer = await refresh(token)
      expect(answer.status).toBe(200)
      token = answer.body.data.refreshToken
    }
    system.advance({ days: 7 })
    expect((await refresh(token)).body.code).toBe('REFRESH_INVALID')
    const idle = (await login()).refreshToken
    system.advance({ days: 30, seconds: 1 })
    expect((await refresh(idle)).body.code).toBe('REFRESH_INVALID')
  })

  it.each([
    '',
    'x',
    7,
    null,
    'a.b.c',
    `${'0'.repeat(8)}-0000-7000-8000-000000000000.1.${'A'.repeat(43)}`,
  ])('refuses %j', async token => {
    const answer = await refresh(token)
    expect([
      [400, 'BAD_REQUEST'],
      [401, 'REFRESH_INVALID'],
    ]).toContainEqual([answer.status, answer.body.code])
  })

  it('refuses a token whose generation was changed', async () => {
    const { refreshToken } = await login()
    const [session, , mac] = refreshToken.split('.')
    expect((await refresh(`${session}.2.${mac}`)).body.code).toBe('REFRESH_INVALID')
  })
})

describe('sessions', () => {
  type Sessions = { sessions: { id: string; current: boolean; device: string; address: string }[] }

  it('are listed, and ended one by one', async () => {
    const lin = system.person()
    const phone = await system.api.login({ code: lin.loginCode() }, { headers: { 'x-device': 'iPhone 15' } })
    const tablet = await system.api
      .login({ code: lin.loginCode() }, { headers: { 'x-device': '小米平板' } })
      .catch(() => system.api.login({ code: lin.loginCode() }, { headers: { 'x-device': 'Pad' } }))
    const { accessToken } = phone.body.data
    const { sessions } = (await system.api.get<Sessions>('/me/sessions', accessToken)).body.data
    expect(sessions).toHaveLength(2)
    expect(sessions.find(session => session.current)).toMatchObject({ device: 'iPhone 15', address: '127.0.0.*' })
    const other = sessions.find(session => !session.current)
    expect(
      (await system.api.request('DELETE', `/me/sessions/${other?.id}`, { token: accessToken })).body,
    ).toMatchObject({ code: 'OK', data: {} })
    expect((await me(tablet.body.data.accessToken)).body.code).toBe('SESSION_REVOKED')
    expect((await system.api.request('DELETE', `/me/sessions/${other?.id}`, { token: accessToken })).body.code).toBe(
      'NOT_FOUND',
    )
    expect((await me(accessToken)).status).toBe(200)
  })

  it('of another person are not found', async () => {
    const mine = await login()
    const theirs = await login()
    const { sessions } = (await system.api.get<Sessions>('/me/sessions', theirs.accessToken)).body.data
    const answer = await system.api.request('DELETE', `/me/sessions/${sessions[0]?.id}`, { token: mine.accessToken })
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND'])
    expect((await me(theirs.accessToken)).status).toBe(200)
  })

  it('end by log-out, here or everywhere', async () => {
    const lin = system.person()
    const [here, there] = [(await lin.login()).body.data, (await lin.login()).body.data] as [LoginAnswer, LoginAnswer]
    expect((await system.api.post('/logout', {}, { token: here.accessToken })).body).toEqual({
      code: 'OK',
      msg: '已退出登录',
      data: {},
    })
    expect((await me(here.accessToken)).body.code).toBe('SESSION_REVOKED')
    expect((await refresh(here.refreshToken)).body.code).toBe('SESSION_REVOKED')
    expect((await me(there.accessToken)).status).toBe(200)
    const third = (await lin.login()).body.data
    await system.api.post('/logout', { everywhere: true }, { token: third.accessToken })
    for (const { accessToken } of [there, third]) expect((await me(accessToken)).body.code).toBe('SESSION_REVOKED')
  })

  it('are at most 50 an account; the one unused longest goes', async () => {
    const lin = system.person()
    const first = (await lin.login()).body.data
    for (let i = 0; i < 49; i++) {
      system.advance({ seconds: 1 })
      await lin.login()
    }
    expect((await me(first.accessToken)).status).toBe(200)
    system.advance({ seconds: 1 })
    await lin.login()
    expect((await me(first.accessToken)).body.code).toBe('SESSION_REVOKED')
  })
})
