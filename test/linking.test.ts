import type { LoginAnswer } from '@mplogin/contract'
import { afterEach, describe, expect, it } from 'vitest'
import { appA, appB, type System, type SystemOptions, startSystem } from './support/system.js'

let system: System
const start = async (env: SystemOptions['env'] = {}) => {
  system = await startSystem({ env })
  return system
}
afterEach(() => system.close())

const resolve = (ticket: unknown, choice: string) =>
  system.api.post<LoginAnswer>('/conflicts/resolve', { ticket, choice })
const openids = async (accountId: string) =>
  (
    await system.database.db
      .selectFrom('identities')
      .select('subject')
      .where('account_id', '=', accountId)
      .where('kind', '=', 'openid')
      .execute()
  ).map(row => row.subject)

/** Two accounts that overlap: one WeChat with a phone of its own, one with the phone that the first then proves. */
async function overlap() {
  const wechat = system.person('13900000001')
  const mine = (await wechat.loginByPhone()).body.data
  const other = system.person('13900000002')
  const theirs = (await other.loginByPhone()).body.data
  // The first WeChat's user now proves the second phone: in WeChat one may add a number.
  const both = system.emulator.createUser({ openid: wechat.user.openid, phone: '13900000002' })
  const codes = () => ({
    code: system.emulator.phoneCode(both.id, { appid: appA.appid }).code,
    loginCode: system.emulator.loginCode(both.id, { appid: appA.appid }).code,
  })
  return { mine, theirs, wechat, other, prove: () => system.api.loginByPhone(codes()), codes }
}

describe('R1a: another phone', () => {
  it('replaces the former one, which is free again', async () => {
    await start()
    const lin = system.person('13900000011')
    const { user, accessToken } = (await lin.loginByPhone()).body.data
    const newPhone = system.emulator.createUser({ openid: lin.user.openid, phone: '13900000012' })
    const bound = await system.api.post(
      '/bindPhone',
      { code: system.emulator.phoneCode(newPhone.id, { appid: appA.appid }).code },
      { token: accessToken },
    )
    expect(bound.body).toMatchObject({
      code: 'OK',
      data: { outcome: 'linked', user: { id: user.id, phone: '139******12' } },
    })
    expect((await system.person('13900000011').phoneOnly()).body.data.outcome).toBe('created')
  })

  it('is refused with PHONE_CHANGE=reject', async () => {
    await start({ PHONE_CHANGE: 'reject' })
    const lin = system.person('13900000011')
    const { accessToken } = (await lin.loginByPhone()).body.data
    const newPhone = system.emulator.createUser({ openid: lin.user.openid, phone: '13900000012' })
    const bound = await system.api.post(
      '/bindPhone',
      { code: system.emulator.phoneCode(newPhone.id, { appid: appA.appid }).code },
      { token: accessToken },
    )
    expect([bound.status, bound.body.code]).toEqual([409, 'PHONE_ALREADY_BOUND'])
    expect((await system.person('13900000012').phoneOnly()).body.data.outcome).toBe('created')
  })
})

describe('R1b: a second WeChat proves the phone', () => {
  it('is attached while the account was seen lately', async () => {
    await start()
    const first = (await system.person('13900000021').loginByPhone()).body.data
    system.advance({ days: 89 })
    const second = (await system.person('13900000021').loginByPhone()).body.data
    expect(second).toMatchObject({ outcome: 'linked', user: { id: first.user.id } })
    expect(await openids(first.user.id)).toHaveLength(2)
  })

  it('asks when the number may have a new holder; new_account gives it to a new account', async () => {
    await start()
    const former = system.person('13900000022')
    const first = (await former.loginByPhone()).body.data
    system.advance({ days: 91 })
    const holder = system.person('13900000022')
    const asked = await holder.loginByPhone()
    expect([asked.status, asked.body.code, asked.body.choices]).toEqual([409, 'PHONE_MAY_BE_RECYCLED', ['new_account']])
    const resolved = await resolve(asked.body.ticket, 'new_account')
    expect(resolved.body.data).toMatchObject({ outcome: 'created', isNewUser: true, user: { phone: '139******22' } })
    expect(resolved.body.data.user.id).not.toBe(first.user.id)
    // The former holder keeps the account, without the phone.
    expect((await former.login()).body.data).toMatchObject({
      outcome: 'existing',
      user: { id: first.user.id, phone: null },
    })
  })

  it('asks with SECOND_WECHAT=ask; use_phone_account attaches it', async () => {
    await start({ SECOND_WECHAT: 'ask' })
    const first = (await system.person('13900000023').loginByPhone()).body.data
    const second = system.person('13900000023')
    const asked = await second.loginByPhone()
    expect([asked.status, asked.body.code, asked.body.choices]).toEqual([
      409,
      'ACCOUNT_CONFLICT',
      ['use_phone_account', 'new_account'],
    ])
    const resolved = await resolve(asked.body.ticket, 'use_phone_account')
    expect(resolved.body.data).toMatchObject({ outcome: 'linked', isNewUser: false, user: { id: first.user.id } })
    expect((await second.login()).body.data.user.id).toBe(first.user.id)
  })

  it('a refresh counts as being seen', async () => {
    await start({ REFRESH_TOKEN_TTL_DAYS: '100' })
    const first = (await system.person('13900000024').loginByPhone()).body.data
    system.advance({ days: 80 })
    await system.api.post('/token/refresh', { refreshToken: first.refreshToken })
    system.advance({ days: 80 })
    expect((await system.person('13900000024').loginByPhone()).body.data).toMatchObject({
      outcome: 'linked',
      user: { id: first.user.id },
    })
  })
})

describe('R2a: two accounts turn out to be one person', () => {
  it('are merged into the older one; ids and tokens of the other lead to it', async () => {
    await start()
    const lin = system.person('13900000031')
    const byOpenid = (await lin.login()).body.data
    system.advance({ seconds: 5 })
    const byPhone = (await lin.phoneOnly()).body.data
    expect(byPhone.user.id).not.toBe(byOpenid.user.id)
    const merged = (await lin.loginByPhone()).body.data
    expect(merged).toMatchObject({
      outcome: 'merged',
      isNewUser: false,
      user: { id: byOpenid.user.id, phone: '139******31' },
    })

    // The loser's tokens keep working, for the survivor.
    expect((await system.api.get('/me', byPhone.accessToken)).body.data).toMatchObject({
      user: { id: byOpenid.user.id },
    })
    const refreshed = await system.api.post<{ accessToken: string }>('/token/refresh', {
      refreshToken: byPhone.refreshToken,
    })
    expect(refreshed.status).toBe(200)
    const { sub } = JSON.parse(Buffer.from(refreshed.body.data.accessToken.split('.')[1] ?? '', 'base64url').toString())
    expect(sub).toBe(byOpenid.user.id)
    const sessions = await system.api.get<{ sessions: unknown[] }>('/me/sessions', merged.accessToken)
    expect(sessions.body.data.sessions).toHaveLength(3)

    const { db } = system.database
    expect(
      await db.selectFrom('accounts').select(['id', 'status', 'merged_into']).where('status', '=', 'merged').execute(),
    ).toEqual([{ id: byPhone.user.id, status: 'merged', merged_into: byOpenid.user.id }])
    const events = await db
      .selectFrom('outbox')
      .select(['type', 'payload'])
      .where('type', '=', 'account.merged')
      .execute()
    expect(events.map(event => JSON.parse(event.payload))).toEqual([
      { accountId: byOpenid.user.id, loserId: byPhone.user.id },
    ])
    // Once more changes nothing.
    expect((await lin.loginByPhone()).body.data.outcome).toBe('existing')
  })

  it('are merged into the one with the phone with MERGE_SURVIVOR=phone', async () => {
    await start({ MERGE_SURVIVOR: 'phone' })
    const lin = system.person('13900000032')
    await lin.login()
    const byPhone = (await lin.phoneOnly()).body.data
    expect((await lin.loginByPhone()).body.data).toMatchObject({ outcome: 'merged', user: { id: byPhone.user.id } })
  })

  it('are asked about with MERGE=never', async () => {
    await start({ MERGE: 'never' })
    const lin = system.person('13900000033')
    const byOpenid = (await lin.login()).body.data
    await lin.phoneOnly()
    const asked = await lin.loginByPhone()
    expect([asked.status, asked.body.code, asked.body.choices]).toEqual([
      409,
      'ACCOUNT_CONFLICT',
      ['use_phone_account', 'use_wechat_account'],
    ])
    const resolved = await resolve(asked.body.ticket, 'use_wechat_account')
    expect(resolved.body.data).toMatchObject({
      outcome: 'linked',
      user: { id: byOpenid.user.id, phone: '139******33' },
    })
  })

  it('leave no chains: A into B, B into C, A leads to C', async () => {
    await start({ MERGE_SURVIVOR: 'phone' })
    const lin = system.person('13900000034')
    const a = (await lin.login(appA.appid)).body.data
    const inB = (await lin.login(appB.appid)).body.data
    system.advance({ seconds: 1 })
    const c = (await lin.phoneOnly()).body.data
    // The openid of A joins the phone's account, then that of B.
    expect((await lin.loginByPhone(appA.appid)).body.data.user.id).toBe(c.user.id)
    expect((await lin.loginByPhone(appB.appid)).body.data).toMatchObject({ outcome: 'merged', user: { id: c.user.id } })
    for (const { accessToken } of [a, inB])
      expect((await system.api.get('/me', accessToken)).body.data).toMatchObject({ user: { id: c.user.id } })
    const { db } = system.database
    const chains = await db
      .selectFrom('accounts as loser')
      .innerJoin('accounts as survivor', 'survivor.id', 'loser.merged_into')
      .select('survivor.id')
      .where('survivor.status', '=', 'merged')
      .execute()
    expect(chains).toEqual([])
  })
})

describe('R2b: two accounts that overlap', () => {
  it('nothing changes; use_phone_account moves the openid', async () => {
    await start()
    const { mine, theirs, wechat, prove } = await overlap()
    const asked = await prove()
    expect([asked.status, asked.body.code, asked.body.choices]).toEqual([
      409,
      'ACCOUNT_CONFLICT',
      ['use_phone_account', 'use_wechat_account'],
    ])
    expect((await wechat.login()).body.data.user).toMatchObject({ id: mine.user.id, phone: '139******01' })

    const resolved = await resolve(asked.body.ticket, 'use_phone_account')
    expect(resolved.body.data).toMatchObject({
      outcome: 'linked',
      isNewUser: false,
      user: { id: theirs.user.id, phone: '139******02' },
    })
    expect((await wechat.login()).body.data.user.id).toBe(theirs.user.id)
  })

  it('use_wechat_account moves the phone and releases the former one', async () => {
    await start()
    const { mine, theirs, other, prove } = await overlap()
    const asked = await prove()
    const resolved = await resolve(asked.body.ticket, 'use_wechat_account')
    expect(resolved.body.data).toMatchObject({ outcome: 'linked', user: { id: mine.user.id, phone: '139******02' } })
    expect((await other.login()).body.data.user).toMatchObject({ id: theirs.user.id, phone: null })
  })

  it('after /bindPhone, use_phone_account moves the openid of the signed-in account', async () => {
    await start()
    const { mine, theirs, wechat, codes } = await overlap()
    const asked = await system.api.post('/bindPhone', { code: codes().code }, { token: mine.accessToken })
    expect([asked.status, asked.body.code]).toEqual([409, 'ACCOUNT_CONFLICT'])
    const resolved = await resolve(asked.body.ticket, 'use_phone_account')
    expect(resolved.body.data).toMatchObject({ outcome: 'linked', user: { id: theirs.user.id } })
    expect((await wechat.login()).body.data.user.id).toBe(theirs.user.id)
  })
})

describe('conflict tickets', () => {
  it('are spent once, also when used at the same moment', async () => {
    await start()
    const { prove } = await overlap()
    const { ticket } = (await prove()).body
    const answers = await Promise.all(Array.from({ length: 10 }, () => resolve(ticket, 'use_phone_account')))
    expect(answers.filter(answer => answer.status === 200)).toHaveLength(1)
    expect(new Set(answers.filter(answer => answer.status !== 200).map(answer => answer.body.code))).toEqual(
      new Set(['TICKET_USED']),
    )
    expect((await resolve(ticket, 'use_wechat_account')).body.code).toBe('TICKET_USED')
  })

  it('keep for a choice that they do offer when asked for one that they do not', async () => {
    await start()
    const { prove } = await overlap()
    const { ticket } = (await prove()).body
    const refused = await resolve(ticket, 'new_account')
    expect([refused.status, refused.body.code]).toEqual([400, 'BAD_REQUEST'])
    expect((await resolve(ticket, 'nonsense')).body.code).toBe('BAD_REQUEST')
    expect((await resolve(ticket, 'use_phone_account')).status).toBe(200)
  })

  it('are refused when forged, cut, or older than 5 minutes', async () => {
    await start()
    const { prove } = await overlap()
    const ticket = String((await prove()).body.ticket)
    const other = ticket[20] === 'A' ? 'B' : 'A'
    const changed = `${ticket.slice(0, 20)}${other}${ticket.slice(21)}`
    for (const forged of ['x', 'v1.AAAA', ticket.slice(0, -2), changed, `${ticket}=`]) {
      const answer = await resolve(forged, 'use_phone_account')
      expect([answer.status, answer.body.code]).toEqual([400, 'TICKET_INVALID'])
    }
    system.advance({ minutes: 5, seconds: 1 })
    expect((await resolve(ticket, 'use_phone_account')).body.code).toBe('TICKET_INVALID')
  })

  it('tell nothing of what they hold', async () => {
    await start()
    const { prove, wechat } = await overlap()
    const ticket = String((await prove()).body.ticket)
    const opened = Buffer.from(ticket.replace(/^v1\./, ''), 'base64url').toString('latin1')
    for (const secret of [wechat.user.openid, '13900000002']) expect(opened).not.toContain(secret)
  })
})

describe('binding a phone', () => {
  it('adds it to the signed-in account, and merges with the account that had it', async () => {
    await start()
    const lin = system.person('13900000041')
    const { user, accessToken } = (await lin.login()).body.data
    await lin.phoneOnly()
    const bound = await lin.bindPhone(accessToken)
    expect(bound.body).toMatchObject({
      code: 'OK',
      data: { outcome: 'merged', user: { id: user.id, phoneBound: true } },
    })
    expect((await lin.bindPhone(accessToken)).body.data).toMatchObject({ outcome: 'existing' })
  })

  it('refuses the phone code of another person', async () => {
    await start()
    const { accessToken } = (await system.person('13900000042').login()).body.data
    const answer = await system.person('13900000043').bindPhone(accessToken)
    expect([answer.status, answer.body.code]).toEqual([400, 'PHONE_CODE_NOT_YOURS'])
  })
})

describe('a disabled account', () => {
  it('is refused on every path, and nothing is attached or merged', async () => {
    await start()
    const lin = system.person('13900000051')
    const { user, accessToken, refreshToken } = (await lin.login()).body.data
    await system.database.transact(tx =>
      tx.updateTable('accounts').set({ status: 'disabled' }).where('id', '=', user.id).execute(),
    )
    const answers = [
      await lin.login(),
      await lin.loginByPhone(),
      await lin.bindPhone(accessToken),
      await system.api.get('/me', accessToken),
      await system.api.post('/token/refresh', { refreshToken }),
    ]
    for (const answer of answers) expect([answer.status, answer.body.code]).toEqual([403, 'ACCOUNT_DISABLED'])
    expect((await lin.phoneOnly()).body.data.outcome).toBe('created')
  })
})
