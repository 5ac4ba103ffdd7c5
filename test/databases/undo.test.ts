import { type OpenLogin, openLogin } from '@mplogin/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { brokenInvariants, snapshot } from '../support/invariants.js'
import { appA, appB, type System, startSystem } from '../support/system.js'

let system: System
let login: OpenLogin
beforeEach(async () => {
  system = await startSystem()
  login = await openLogin(system.config, { clock: system.clock, database: system.database })
})
afterEach(async () => {
  expect(await brokenInvariants(system.database)).toEqual([])
  await login.close()
  await system.close()
})

/** Two accounts of one person, merged by a login that proves both. */
async function merge(phone = '13600000001') {
  const lin = system.person(phone)
  const older = (await lin.login()).body.data
  system.advance({ seconds: 5 })
  const younger = (await lin.phoneOnly()).body.data
  const before = await snapshot(system.database)
  system.advance({ seconds: 5 })
  const merged = (await lin.loginByPhone()).body.data
  expect(merged.outcome).toBe('merged')
  const [{ id } = { id: '' }] = await login.listMerges({ accountId: younger.user.id })
  return { lin, older, younger, merged, before, id }
}
const me = (token: string) => system.api.get<{ user: { id: string } }>('/me', token)
const reasonOf = (undone: Promise<unknown>) =>
  undone.then(
    () => 'undone',
    error => error.reason as string,
  )

describe('undoing a merge', () => {
  it('restores identities, sessions and both accounts exactly; devices that signed in since sign in again', async () => {
    const { older, younger, merged, before, id } = await merge()
    expect(await login.undoMerge(id)).toEqual({ mergeId: id, survivorId: older.user.id, loserId: younger.user.id })

    const after = (await snapshot(system.database)) as Record<'accounts' | 'identities' | 'sessions', { id?: string }[]>
    const then = before as typeof after
    const sessionIds = then.sessions.map(session => session.id)
    expect(after.identities).toEqual(then.identities)
    expect(after.sessions.filter(session => sessionIds.includes(session.id))).toEqual(then.sessions)
    // Both were seen by the login that merged them; all else is as it was.
    const unseen = (rows: object[]) => rows.map(row => ({ ...row, last_seen_at: 0, version: 0 }))
    expect(unseen(after.accounts)).toEqual(unseen(then.accounts))

    expect((await me(older.accessToken)).body.data.user.id).toBe(older.user.id)
    expect((await me(younger.accessToken)).body.data.user.id).toBe(younger.user.id)
    expect((await me(merged.accessToken)).body.code).toBe('SESSION_REVOKED')
    const events = await system.database.db.selectFrom('outbox').select('type').orderBy('id').execute()
    expect(events.map(event => event.type).slice(-1)).toEqual(['account.merge_undone'])
  })

  it('is not taken back by the next login: it asks instead', async () => {
    const { lin, older, younger, id } = await merge()
    await login.undoMerge(id)
    const asked = await lin.loginByPhone()
    expect([asked.body.code, asked.body.choices]).toEqual([
      'ACCOUNT_CONFLICT',
      ['use_phone_account', 'use_wechat_account'],
    ])
    expect((await lin.login()).body.data.user.id).toBe(older.user.id)
    expect((await lin.phoneOnly()).body.data.user.id).toBe(younger.user.id)
  })

  it('gives tombstones back to the account they had been merged into', async () => {
    const lin = system.person('13600000002')
    const c = (await lin.login(appA.appid)).body.data
    system.advance({ seconds: 1 })
    const b = (await lin.login(appB.appid)).body.data
    system.advance({ seconds: 1 })
    const a = (await lin.phoneOnly()).body.data
    // A into B, then B into C.
    expect((await lin.loginByPhone(appB.appid)).body.data.user.id).toBe(b.user.id)
    expect((await lin.loginByPhone(appA.appid)).body.data.user.id).toBe(c.user.id)
    const [second, first] = await login.listMerges()
    expect(await reasonOf(login.undoMerge(first?.id ?? ''))).toBe('survivor_merged')
    await login.undoMerge(second?.id ?? '')
    expect((await me(a.accessToken)).body.data.user.id).toBe(b.user.id)
    await login.undoMerge(first?.id ?? '')
    for (const { user, accessToken } of [a, b, c]) expect((await me(accessToken)).body.data.user.id).toBe(user.id)
  })

  it('refuses with the reason when what it would restore has moved on', async () => {
    const { lin, younger, id, merged } = await merge()
    expect(await reasonOf(login.undoMerge('0190aaaa-0000-7000-8000-000000000000'))).toBe('not_found')
    // The phone was replaced since: it is nobody's any more.
    const renewed = system.emulator.createUser({ openid: lin.user.openid, phone: '13600000099' })
    const code = system.emulator.phoneCode(renewed.id, { appid: appA.appid }).code
    expect((await system.api.post('/bindPhone', { code }, { token: merged.accessToken })).status).toBe(200)
    const before = await snapshot(system.database)
    expect(await reasonOf(login.undoMerge(id))).toBe('identity_moved')
    expect(await snapshot(system.database)).toEqual(before)
    expect((await me(younger.accessToken)).status).toBe(200)
  })

  it('refuses a second time, after MERGE_UNDO_DAYS, and after the account was deleted', async () => {
    const first = await merge('13600000003')
    await login.undoMerge(first.id)
    expect(await reasonOf(login.undoMerge(first.id))).toBe('already_undone')

    const second = await merge('13600000004')
    system.advance({ days: 30, seconds: 1 })
    expect(await reasonOf(login.undoMerge(second.id))).toBe('too_late')

    const third = await merge('13600000005')
    expect((await system.api.request('DELETE', '/me', { token: third.merged.accessToken })).status).toBe(200)
    expect(await reasonOf(login.undoMerge(third.id))).toBe('account_deleted')
  })

  it('is remembered when one of the two is merged into a third account', async () => {
    const lin = system.person('13600000006')
    const older = (await lin.login(appA.appid)).body.data
    system.advance({ seconds: 5 })
    const younger = (await lin.phoneOnly()).body.data
    system.advance({ seconds: 5 })
    await lin.loginByPhone(appA.appid)
    const [{ id } = { id: '' }] = await login.listMerges({ accountId: younger.user.id })
    await login.undoMerge(id)
    // The younger one, told apart from the older, is merged with the person's account of app B.
    const third = (await lin.login(appB.appid)).body.data
    const inB = (await lin.loginByPhone(appB.appid)).body.data
    expect([inB.outcome, [younger.user.id, third.user.id].includes(inB.user.id)]).toEqual(['merged', true])
    const asked = await lin.loginByPhone(appA.appid)
    expect([asked.body.code, asked.body.data]).toEqual(['ACCOUNT_CONFLICT', undefined])
    expect((await me(older.accessToken)).body.data.user.id).toBe(older.user.id)
  })

  it('ends sessions that began since on an instance whose clock is behind', async () => {
    const { older, merged, id } = await merge('13600000007')
    const { db } = system.database
    const [sid = ''] = merged.refreshToken.split('.')
    const row = await db.selectFrom('sessions').selectAll().where('id', '=', sid).executeTakeFirstOrThrow()
    const early = { ...row, id: '00000000-0000-7000-8000-000000000000', login_key: null }
    await system.database.transact(tx => tx.insertInto('sessions').values(early).execute())
    await login.undoMerge(id)
    const live = await db
      .selectFrom('sessions')
      .select('id')
      .where('account_id', '=', older.user.id)
      .where('revoked_at', 'is', null)
      .execute()
    expect(live.map(session => session.id)).toEqual([older.refreshToken.split('.')[0]])
  })

  it('sends a login that arrives meanwhile to whom the phone is given back', async () => {
    const { lin, younger, id } = await merge('13600000008')
    let inside = () => {}
    let release = () => {}
    const isInside = new Promise<void>(resolve => {
      inside = resolve
    })
    const isReleased = new Promise<void>(resolve => {
      release = resolve
    })
    const undoing = await openLogin(system.config, {
      clock: system.clock,
      database: system.database,
      hooks: {
        async onMergeUndone() {
          inside()
          await isReleased
        },
      },
    })
    const undone = undoing.undoMerge(id)
    await isInside
    const meanwhile = lin.phoneOnly()
    await new Promise(resolve => setTimeout(resolve, 300))
    release()
    await undone
    expect((await meanwhile).body.data.user.id).toBe(younger.user.id)
    await undoing.close()
  })

  it('works after the secret was replaced and the platform renamed, since a merge remembers ids only', async () => {
    const { older, younger, id } = await merge('13600000010')
    await system.database.transact(tx =>
      tx
        .updateTable('identities')
        .set({ subject: 'another hash', sealed: 'v1.x.y' })
        .where('kind', '=', 'phone')
        .execute(),
    )
    expect(await login.undoMerge(id)).toMatchObject({ survivorId: older.user.id, loserId: younger.user.id })
  })

  it('keeps what it gave back from a ticket of before', async () => {
    const { lin, older, younger, merged, id } = await merge('13600000011')
    // Another person's phone, tapped by this WeChat: the question is open while the merge is undone.
    const other = system.person('13600000012')
    await other.loginByPhone()
    const tapping = system.emulator.createUser({ openid: lin.user.openid, appid: appA.appid, phone: '13600000012' })
    const { code } = system.emulator.phoneCode(tapping.id, { appid: appA.appid })
    const asked = await system.api.post('/bindPhone', { code }, { token: merged.accessToken })
    expect(asked.body.code).toBe('ACCOUNT_CONFLICT')
    await login.undoMerge(id)
    await system.api.request('DELETE', '/me', { token: older.accessToken })
    await lin.login()
    const choice = { ticket: asked.body.ticket, choice: 'use_phone_account' }
    expect((await system.api.post('/conflicts/resolve', choice)).body.code).toBe('TICKET_INVALID')
    expect((await lin.phoneOnly()).body.data.user.id).toBe(younger.user.id)
  })

  it('happens once, also when it is asked for twice at the same moment', async () => {
    const { id } = await merge()
    const results = await Promise.all(Array.from({ length: 5 }, () => reasonOf(login.undoMerge(id))))
    expect(results.sort()).toEqual([...Array(4).fill('already_undone'), 'undone'])
  })
})
