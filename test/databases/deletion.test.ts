import { inspect } from 'node:util'
import type { LoginAnswer } from '@mplogin/contract'
import { openDatabase } from '@mplogin/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dump } from '../support/dump.js'
import { appA, appB, type System, startSystem } from '../support/system.js'

let system: System
beforeEach(async () => {
  system = await startSystem()
})
afterEach(() => system.close())

describe('deleting an account (注销)', () => {
  it('leaves no openid, unionid, phone or nickname in the database or in the log', async () => {
    const lin = system.person('13812345678')
    const byOpenid = (await lin.login(appB.appid)).body.data
    system.advance({ seconds: 1 })
    const byPhone = (await lin.phoneOnly(appB.appid)).body.data
    const named = { body: { nickname: '要被忘记的人' }, headers: { 'x-device': 'a phone with a name of its own' } }
    await system.api.request('PATCH', '/me', { token: byPhone.accessToken, ...named })
    const merged = (await lin.loginByPhone(appB.appid)).body.data
    expect(merged.outcome).toBe('merged')
    await system.api.request('PATCH', '/me', { token: merged.accessToken, ...named })

    const { db } = system.database
    const identities = await db.selectFrom('identities').selectAll().execute()
    const unionid = identities.find(identity => identity.kind === 'unionid')?.subject ?? ''
    const secrets = [
      ...identities.flatMap(({ subject, sealed }) => [subject, ...(sealed === null ? [] : [sealed])]),
      ...['13812345678', '138******78', '要被忘记的人', 'a phone with a name of its own', byOpenid.user.nickname],
    ]
    expect(secrets).toHaveLength(9)
    expect(unionid).not.toBe('')
    expect(await dump(system.database, system.testDatabase)).toContain(unionid)

    expect((await system.api.request('DELETE', '/me', { token: merged.accessToken })).status).toBe(200)
    // SQLite folds its log into the file when the last connection closes.
    await system.stop()
    const database = await openDatabase(system.testDatabase.url)
    const left = await dump(database, system.testDatabase)
    await database.close()
    for (const secret of secrets) {
      expect(left.includes(secret), `the database holds ${secret}`).toBe(false)
      expect(system.log.join('').includes(secret), `the log holds ${secret}`).toBe(false)
    }
  })

  it('leaves nothing of accounts that were merged into it one after another, nor of an openid that came from elsewhere', async () => {
    const lin = system.person('13812345681')
    const [inA, inB] = [(await lin.login(appA.appid)).body.data, (await lin.login(appB.appid)).body.data]
    const byPhone = (await lin.phoneOnly()).body.data
    // L into S, then S into T.
    system.advance({ seconds: 1 })
    expect((await lin.loginByPhone(appB.appid)).body.data.outcome).toBe('merged')
    const merged = (await lin.loginByPhone(appA.appid)).body.data
    expect(merged.outcome).toBe('merged')
    expect(new Set([inA, inB, byPhone].map(({ user }) => user.id)).size).toBe(3)

    // The openid of A moves on to the account of another phone, which is the one to be deleted.
    const other = system.person('13812345682')
    const holder = (await other.loginByPhone(appA.appid)).body.data
    const proving = system.emulator.createUser({ openid: lin.user.openid, appid: appA.appid, phone: '13812345682' })
    const asked = await system.api.loginByPhone({
      code: system.emulator.phoneCode(proving.id, { appid: appA.appid }).code,
      loginCode: lin.loginCode(appA.appid),
    })
    expect(asked.body.code).toBe('ACCOUNT_CONFLICT')
    const choice = { ticket: asked.body.ticket, choice: 'use_phone_account' }
    const moved = await system.api.post<LoginAnswer>('/conflicts/resolve', choice)
    expect(moved.body.data.user.id).toBe(holder.user.id)

    const subjects = await system.database.db.selectFrom('identities').select('subject').execute()
    for (const token of [moved.body.data.accessToken, merged.accessToken])
      expect((await system.api.request('DELETE', '/me', { token })).status).toBe(200)
    await system.stop()
    const database = await openDatabase(system.testDatabase.url)
    const left = await dump(database, system.testDatabase)
    const addresses = await database.db.selectFrom('audit').select('address').where('address', 'is not', null).execute()
    await database.close()
    expect(subjects.map(({ subject }) => subject).filter(subject => left.includes(subject))).toEqual([])
    expect(addresses).toEqual([])
  })

  it('was never in the log, not even when the database refused a statement that held it', {
    timeout: 30_000,
  }, async () => {
    const lin = system.person('13812345690')
    const failed = await system.whileLocked(() => lin.loginByPhone())
    expect(failed.status).toBe(503)
    // A row of the same id: the database quotes what it refuses.
    const { user } = (await lin.loginByPhone()).body.data
    await expect(
      system.database.transact(async tx => {
        const rows = await tx.selectFrom('accounts').selectAll().where('id', '=', user.id).execute()
        await tx.insertInto('accounts').values(rows).execute()
      }),
    ).rejects.toSatisfy(error => !inspect(error, { depth: 5 }).includes(user.nickname))
    const identities = await system.database.db.selectFrom('identities').select(['subject', 'sealed']).execute()
    const log = system.log.join('')
    expect(log).toContain('the database cannot serve now')
    for (const text of [user.nickname, ...identities.flatMap(row => [row.subject, row.sealed ?? row.subject])])
      expect(log.includes(text), `the log holds ${text}`).toBe(false)
  })

  it('ends every session, writes the event, and lets the person register again as somebody new', async () => {
    const lin = system.person('13812345679')
    const first = (await lin.loginByPhone()).body.data
    const second = (await lin.login()).body.data
    await system.api.request('DELETE', '/me', { token: first.accessToken })
    for (const { accessToken, refreshToken } of [first, second]) {
      expect((await system.api.get('/me', accessToken)).body.code).toBe('SESSION_REVOKED')
      expect((await system.api.post('/token/refresh', { refreshToken })).body.code).toBe('SESSION_REVOKED')
    }
    const event = await system.database.db
      .selectFrom('outbox')
      .select('payload')
      .where('type', '=', 'account.deleted')
      .executeTakeFirstOrThrow()
    expect(JSON.parse(event.payload)).toEqual({ accountId: first.user.id })
    const again = (await lin.loginByPhone()).body.data
    expect(again).toMatchObject({ outcome: 'created', isNewUser: true })
    expect(again.user.id).not.toBe(first.user.id)
  })
})
