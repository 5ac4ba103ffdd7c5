import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appA, appB, type System, startSystem } from './support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

const withKey = (key: string) => ({ headers: { 'idempotency-key': key } })
const sessionsOf = async (accountId: string) =>
  (await system.database.db.selectFrom('sessions').select('id').where('account_id', '=', accountId).execute()).length

describe('a repeated login with the same Idempotency-Key', () => {
  it('gets the same session, with the same outcome', async () => {
    const code = system.person().loginCode()
    const key = randomUUID()
    const first = await system.api.login({ code }, withKey(key))
    const second = await system.api.login({ code }, withKey(key))
    expect(second.body.data).toMatchObject({
      outcome: 'created',
      isNewUser: true,
      user: first.body.data.user,
      refreshToken: first.body.data.refreshToken,
    })
    expect(await sessionsOf(first.body.data.user.id)).toBe(1)
  })

  it('gets it also when both arrive at the same moment: a double tap on the paid button costs one call', async () => {
    const lin = system.person('13700000001')
    const body = { code: lin.phoneCode(), loginCode: lin.loginCode() }
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 10 }, () => system.api.loginByPhone(body, withKey(key))))
    expect(new Set(answers.map(answer => answer.status))).toEqual(new Set([200]))
    expect(new Set(answers.map(answer => answer.body.data.refreshToken)).size).toBe(1)
  })

  it('binds the phone once, also when that made two accounts one', async () => {
    for (const [index, number] of ['13700000011', '13700000012'].entries()) {
      const lin = system.person(number)
      if (index === 1) await lin.phoneOnly()
      const { accessToken: token } = (await lin.login()).body.data
      const key = randomUUID()
      const body = { code: lin.phoneCode() }
      const first = await system.api.post('/bindPhone', body, { token, ...withKey(key) })
      const second = await system.api.post('/bindPhone', body, { token, ...withKey(key) })
      expect([first.body.data.outcome, second.body.data.outcome]).toEqual([index ? 'merged' : 'linked', 'existing'])
      expect(second.body.data.user).toEqual(first.body.data.user)
      expect((await system.api.post('/bindPhone', body, { token, ...withKey(randomUUID()) })).body.code).toBe(
        'PHONE_CODE_INVALID',
      )
      const thief = (await system.person().login()).body.data.accessToken
      const stolen = await system.api.post('/bindPhone', body, { token: thief, ...withKey(key) })
      expect(stolen.body.code).toBe('PHONE_CODE_INVALID')
    }
  })

  it('is refused with another code', async () => {
    const lin = system.person()
    const key = randomUUID()
    await system.api.login({ code: lin.loginCode() }, withKey(key))
    const answer = await system.api.login({ code: lin.loginCode() }, withKey(key))
    expect([answer.status, answer.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
  })

  it('is refused after log-out', async () => {
    const code = system.person().loginCode()
    const key = randomUUID()
    const { accessToken } = (await system.api.login({ code }, withKey(key))).body.data
    await system.api.post('/logout', {}, { token: accessToken })
    const answer = await system.api.login({ code }, withKey(key))
    expect([answer.status, answer.body.code]).toEqual([401, 'SESSION_REVOKED'])
  })

  it('is a new login after 5 minutes', async () => {
    const lin = system.person()
    const key = randomUUID()
    const first = (await system.api.login({ code: lin.loginCode() }, withKey(key))).body.data
    system.advance({ minutes: 5, seconds: 1 })
    const second = await system.api.login({ code: lin.loginCode() }, withKey(key))
    expect(second.body.data).toMatchObject({ outcome: 'existing', user: { id: first.user.id } })
    expect(await sessionsOf(first.user.id)).toBe(2)
  })

  it('meets the same conflict again', async () => {
    const conflicted = await startSystem({ env: { SECOND_WECHAT: 'ask' } })
    try {
      await conflicted.person('13700000002').loginByPhone()
      const second = conflicted.person('13700000002')
      const body = { code: second.phoneCode(), loginCode: second.loginCode() }
      const key = randomUUID()
      for (let i = 0; i < 2; i++)
        expect((await conflicted.api.loginByPhone(body, withKey(key))).body.code).toBe('ACCOUNT_CONFLICT')
    } finally {
      await conflicted.close()
    }
  })
})

describe('a used code', () => {
  it('gets nothing without the key, or with another', async () => {
    const code = system.person().loginCode()
    await system.api.login({ code }, withKey(randomUUID()))
    for (const options of [{}, withKey(randomUUID())]) {
      const answer = await system.api.login({ code }, options)
      expect([answer.status, answer.body.code]).toEqual([400, 'WECHAT_CODE_USED'])
    }
  })

  it.each(['', 'x'.repeat(256)])('is no excuse for a bad key', async key => {
    const answer = await system.api.login({ code: system.person().loginCode() }, withKey(key))
    expect([answer.status, answer.body.code]).toEqual([400, 'BAD_REQUEST'])
  })
})

describe('when the database fails after WeChat answered', () => {
  it.each([true, false])('a repeat succeeds with the codes that are spent already (Idempotency-Key: %s)', {
    timeout: 30_000,
  }, async hasKey => {
    const lin = system.person(hasKey ? '13700000003' : '13700000004')
    const body = { code: lin.phoneCode(appA.appid), loginCode: lin.loginCode(appA.appid) }
    const options = hasKey ? withKey(randomUUID()) : {}
    const billed = system.emulator.stats().phoneCallsBilled

    const failed = await system.whileLocked(() => system.api.loginByPhone(body, options))
    expect([failed.status, failed.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
    expect(Number(failed.headers.get('retry-after'))).toBeGreaterThan(0)

    const repeated = await system.api.loginByPhone(body, options)
    expect(repeated.body.data).toMatchObject({ outcome: 'created' })
    expect(system.emulator.stats().phoneCallsBilled).toBe(billed)
  })
})

describe('an answer that is kept', () => {
  it('is given to nobody else: not to another WeChat, not to the phone code alone', { timeout: 30_000 }, async () => {
    const victim = system.person('13700000005')
    const body = { code: victim.phoneCode(), loginCode: victim.loginCode() }
    expect((await system.whileLocked(() => system.api.loginByPhone(body))).status).toBe(503)

    const thief = system.person()
    expect((await system.api.loginByPhone({ code: body.code })).body.code).toBe('PHONE_CODE_INVALID')
    expect((await system.api.loginByPhone({ code: body.code, loginCode: thief.loginCode() })).body.code).toBe(
      'PHONE_CODE_INVALID',
    )
    const { accessToken } = (await thief.login()).body.data
    expect((await system.api.post('/bindPhone', { code: body.code }, { token: accessToken })).body.code).toBe(
      'PHONE_CODE_INVALID',
    )
    expect((await system.api.loginByPhone(body)).body.data.outcome).toBe('created')
  })
})

describe('a failure of WeChat between its two calls', () => {
  it('does not cost the login code: a repeat succeeds', async () => {
    const fresh = await startSystem()
    try {
      const lin = fresh.person('13700000006')
      const body = { code: lin.phoneCode(), loginCode: lin.loginCode() }
      fresh.emulator.addFault({ path: '/cgi-bin/stable_token', errcode: 50004 })
      fresh.emulator.addFault({ path: '/sns/jscode2session', delayMs: 150 })
      expect((await fresh.api.loginByPhone(body)).body.code).toBe('WECHAT_CONFIG')
      expect((await fresh.api.loginByPhone(body)).body.data.outcome).toBe('created')
    } finally {
      await fresh.close()
    }
  })

  it('gives what was kept to the same app only', { timeout: 30_000 }, async () => {
    const lin = system.person()
    const code = lin.loginCode(appA.appid)
    expect((await system.whileLocked(() => system.api.login({ code, appid: appA.appid }))).status).toBe(503)
    expect((await system.api.login({ code, appid: appB.appid })).body.code).toBe('WECHAT_CODE_USED')
    expect((await system.api.login({ code, appid: appA.appid })).body.data.outcome).toBe('created')
  })
})

describe('requests that meet a deletion', () => {
  it('leave nothing on the account that is gone', async () => {
    for (let round = 0; round < 10; round++) {
      const lin = system.person(`1370000${String(1000 + round)}`)
      const { accessToken: token, user } = (await lin.login()).body.data
      await Promise.all([
        system.api.request('DELETE', '/me', { token }),
        lin.bindPhone(token),
        system.api.request('PATCH', '/me', { token, body: { nickname: '迟到的名字' } }),
      ])
      const { db } = system.database
      expect(await db.selectFrom('identities').select('kind').where('account_id', '=', user.id).execute()).toEqual([])
      expect(
        await db.selectFrom('accounts').select(['status', 'nickname']).where('id', '=', user.id).execute(),
      ).toEqual([{ status: 'deleted', nickname: '' }])
    }
  })
})
