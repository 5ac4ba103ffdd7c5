import type { LoginAnswer } from '@mplogin/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appA, appB, appC, type System, startSystem } from './support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

describe('login by openid', () => {
  it('makes an account at the first time and finds it at the second', async () => {
    const lin = system.person()
    const first = await lin.login()
    expect(first.status).toBe(200)
    expect(first.body).toMatchObject({ code: 'OK', msg: '登录成功' })
    expect(first.body.data).toEqual({
      user: {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        nickname: expect.stringMatching(/^用户\w{6}$/),
        avatar: '/uploads/default-avatar.png',
        phone: null,
        phoneBound: false,
        createdAt: '2026-06-01T08:00:00.000Z',
      },
      accessToken: expect.stringMatching(/^ey/),
      refreshToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 900,
      refreshExpiresIn: 30 * 86_400,
      isNewUser: true,
      outcome: 'created',
    })
    const second = await lin.login()
    expect(second.body.data).toMatchObject({
      isNewUser: false,
      outcome: 'existing',
      user: { id: first.body.data.user.id },
    })
    expect(second.body.data.refreshToken).not.toBe(first.body.data.refreshToken)
  })

  it('takes the code as a query parameter too, with and without a body', async () => {
    const code = () => system.person().loginCode()
    expect((await system.api.post(`/login?code=${code()}`)).status).toBe(200)
    expect((await system.api.post(`/login?code=${code()}`, {})).status).toBe(200)
    expect(
      (
        await system.api.request('POST', `/login?code=${code()}`, {
          body: '',
          headers: { 'content-type': 'application/json' },
        })
      ).status,
    ).toBe(200)
  })

  it('answers in English when it is preferred, and names new users so', async () => {
    const answer = await system.api.login(
      { code: system.person().loginCode() },
      { headers: { 'accept-language': 'en-US,en;q=0.9,zh;q=0.5' } },
    )
    expect(answer.body.msg).toBe('Logged in')
    expect(answer.body.data.user.nickname).toMatch(/^User /)
    const chinese = await system.api.login(
      { code: system.person().loginCode() },
      { headers: { 'accept-language': 'zh-CN,en;q=0.9' } },
    )
    expect(chinese.body.msg).toBe('登录成功')
  })

  it('costs one call to WeChat, the phone login two', async () => {
    const lin = system.person('13812345678')
    await lin.loginByPhone() // fetches the access token, which the next ones share
    const count = () =>
      Object.values(system.emulator.stats().calls).reduce(
        (sum, byCode) => sum + Object.values(byCode).reduce((a, b) => a + b, 0),
        0,
      )
    const before = count()
    await lin.login()
    expect(count() - before).toBe(1)
    await lin.loginByPhone()
    expect(count() - before).toBe(3)
  })

  it('serves the default avatar', async () => {
    const response = await fetch(`${system.url}/uploads/default-avatar.png`)
    // Pages of other origins show it.
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/png')
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(1000)
  })
})

describe('login by phone', () => {
  it('and by openid, in either order, is one account', async () => {
    const lin = system.person('13800000001')
    const byOpenid = await lin.login()
    const byPhone = await lin.loginByPhone()
    expect(byPhone.body.data).toMatchObject({
      outcome: 'linked',
      isNewUser: false,
      user: { id: byOpenid.body.data.user.id, phone: '138******01', phoneBound: true },
    })

    const zhou = system.person('13800000002')
    const first = await zhou.loginByPhone()
    expect(first.body.data).toMatchObject({ outcome: 'created', isNewUser: true })
    expect((await zhou.login()).body.data).toMatchObject({ outcome: 'existing', user: { id: first.body.data.user.id } })
  })

  it('alone signs in to the owner of the phone', async () => {
    const lin = system.person('13800000003')
    const first = await lin.phoneOnly()
    expect(first.body.data.outcome).toBe('created')
    expect((await lin.phoneOnly()).body.data).toMatchObject({
      outcome: 'existing',
      user: { id: first.body.data.user.id },
    })
  })

  it('masks foreign numbers by their national part', async () => {
    expect((await system.person('+14155550142').loginByPhone()).body.data.user.phone).toBe('415*****42')
    expect((await system.person('+6591234567').loginByPhone()).body.data.user.phone).toBe('91****67')
  })

  it('takes the legacy encrypted data with the code of a wx.login made before the tap', async () => {
    const lin = system.person('13800000004')
    const loginCode = lin.loginCode()
    const { encryptedData, iv } = lin.phoneTap()
    const answer = await system.api.loginByPhone({ encryptedData, iv, loginCode })
    expect(answer.body.data).toMatchObject({ outcome: 'created', user: { phone: '138******04' } })
    expect((await lin.login()).body.data.user.id).toBe(answer.body.data.user.id)
  })

  it('refuses legacy data that was tampered with, and changes nothing', async () => {
    const lin = system.person('13800000005')
    const { encryptedData, iv } = lin.phoneTap()
    const bytes = Buffer.from(encryptedData, 'base64')
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
    const answer = await system.api.loginByPhone({
      encryptedData: bytes.toString('base64'),
      iv,
      loginCode: lin.loginCode(),
    })
    expect([answer.status, answer.body.code]).toEqual([400, 'PHONE_CODE_INVALID'])
    expect((await lin.login()).body.data.outcome).toBe('created')
  })

  it('refuses the phone code of another person: WeChat is asked to check', async () => {
    const victim = system.person('13800000006')
    const thief = system.person('13800000007')
    const answer = await system.api.loginByPhone({ code: victim.phoneCode(), loginCode: thief.loginCode() })
    expect([answer.status, answer.body.code]).toEqual([400, 'PHONE_CODE_NOT_YOURS'])
    expect((await victim.loginByPhone()).body.data.outcome).toBe('created')
  })
})

describe('several apps', () => {
  it('on one Open Platform account know a person by unionid', async () => {
    const lin = system.person()
    const inB = await lin.login(appB.appid)
    const inC = await lin.login(appC.appid)
    expect(inC.body.data).toMatchObject({ outcome: 'linked', user: { id: inB.body.data.user.id } })
  })

  it('of different owners are two accounts until a phone links them', async () => {
    const lin = system.person('13800000008')
    const inA = await lin.login(appA.appid)
    const inB = await lin.login(appB.appid)
    expect(inB.body.data.user.id).not.toBe(inA.body.data.user.id)
    await lin.loginByPhone(appA.appid)
    const merged = await lin.loginByPhone(appB.appid)
    expect(merged.body.data).toMatchObject({ outcome: 'merged', user: { id: inA.body.data.user.id } })
  })

  it('the first one is meant when a request names none; an unknown one is refused', async () => {
    const lin = system.person()
    expect((await system.api.login({ code: lin.loginCode(appA.appid) })).status).toBe(200)
    const answer = await system.api.login({ code: lin.loginCode(appA.appid), appid: 'wx0000000000000000' })
    expect([answer.status, answer.body.code]).toEqual([400, 'APP_UNKNOWN'])
  })
})

describe('the account', () => {
  const me = (token: string) => system.api.get<{ user: LoginAnswer['user'] }>('/me', token)

  it('is read and changed by its person', async () => {
    const { accessToken: token } = (await system.person().login()).body.data
    const changed = await system.api.request('PATCH', '/me', {
      token,
      body: { nickname: '  林晓  ', avatar: 'https://cdn.example.com/a.png' },
    })
    expect(changed.body).toMatchObject({
      code: 'OK',
      data: { user: { nickname: '林晓', avatar: 'https://cdn.example.com/a.png' } },
    })
    expect((await me(token)).body.data.user.nickname).toBe('林晓')
  })

  it.each([
    {},
    { nickname: '' },
    { nickname: '   ' },
    { nickname: 'a'.repeat(33) },
    { nickname: 'a\u202eb' },
    { nickname: 'a\nb' },
    { nickname: 7 },
    { avatar: 'javascript:alert(1)' },
    { avatar: 'http://insecure.example.com/a.png' },
    { avatar: '//evil.example.com/a.png' },
  ])('refuses the change %j', async body => {
    const { accessToken: token } = (await system.person().login()).body.data
    const answer = await system.api.request('PATCH', '/me', { token, body })
    expect([answer.status, answer.body.code]).toEqual([400, 'BAD_REQUEST'])
    expect(answer.body.details).toEqual([
      expect.objectContaining({ path: expect.any(String), message: expect.any(String) }),
    ])
  })

  it('is deleted for good: nothing of it is left, its tokens end, the person may register again and is new', async () => {
    const lin = system.person('13800000009')
    const { accessToken: token, refreshToken, user } = (await lin.loginByPhone()).body.data
    await system.api.request('PATCH', '/me', { token, body: { nickname: '名字很特别' } })
    const deleted = await system.api.request('DELETE', '/me', { token })
    expect(deleted.body).toEqual({ code: 'OK', msg: '账号已注销', data: {} })
    expect((await me(token)).body.code).toBe('SESSION_REVOKED')
    expect((await system.api.post('/token/refresh', { refreshToken })).body.code).toBe('SESSION_REVOKED')

    const tables = ['accounts', 'identities', 'sessions', 'merges', 'outbox', 'audit'] as const
    const dump = JSON.stringify(
      await Promise.all(tables.map(table => system.database.db.selectFrom(table).selectAll().execute())),
    )
    expect(dump).toContain(user.id)
    for (const gone of [lin.user.openid, '名字很特别']) expect(dump).not.toContain(gone)

    const again = await lin.loginByPhone()
    expect(again.body.data.outcome).toBe('created')
    expect(again.body.data.user.id).not.toBe(user.id)
  })
})
