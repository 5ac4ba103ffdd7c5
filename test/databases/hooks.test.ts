import { type AccountHooks, openLogin } from '@mplogin/server'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { type System, startSystem } from '../support/system.js'

let system: System
afterEach(() => system.close())

/** A business with orders in the same database: they follow their account. */
const hooks: AccountHooks = {
  async onAccountCreated(tx, { accountId }) {
    await sql`insert into orders (account_id, note) values (${accountId}, 'welcome')`.execute(tx)
  },
  async onAccountsMerged(tx, { survivorId, loserId }) {
    await sql`update orders set account_id = ${survivorId} where account_id = ${loserId}`.execute(tx)
  },
  async onAccountDeleted(tx, { accountId }) {
    await sql`delete from orders where account_id = ${accountId}`.execute(tx)
  },
}

async function start(given: AccountHooks = hooks) {
  system = await startSystem({ hooks: given })
  await system.database.unhurried(db => sql`create table orders (account_id varchar(36), note varchar(20))`.execute(db))
}
const orders = async () =>
  (await sql<{ account_id: string }>`select account_id from orders`.execute(system.database.db)).rows.map(
    row => row.account_id,
  )

describe('account hooks', () => {
  it('change the rows of the business in the transaction of the account', async () => {
    await start()
    const lin = system.person('13600001001')
    const byOpenid = (await lin.login()).body.data
    const byPhone = (await lin.phoneOnly()).body.data
    expect((await orders()).sort()).toEqual([byOpenid.user.id, byPhone.user.id].sort())
    const merged = (await lin.loginByPhone()).body.data
    expect(await orders()).toEqual([merged.user.id, merged.user.id])
    await system.api.request('DELETE', '/me', { token: merged.accessToken })
    expect(await orders()).toEqual([])
  })

  it('take everything back when they fail', async () => {
    let fails = true
    await start({
      ...hooks,
      async onAccountsMerged(tx, event) {
        await hooks.onAccountsMerged?.(tx, event)
        if (fails) throw new Error('the business refuses')
      },
    })
    const lin = system.person('13600001002')
    const byOpenid = (await lin.login()).body.data
    const byPhone = (await lin.phoneOnly()).body.data
    const failed = await lin.loginByPhone()
    expect([failed.status, failed.body.code]).toEqual([500, 'INTERNAL'])
    expect((await orders()).sort()).toEqual([byOpenid.user.id, byPhone.user.id].sort())
    expect((await lin.phoneOnly()).body.data.user.id).toBe(byPhone.user.id)
    fails = false
    expect((await lin.loginByPhone()).body.data.outcome).toBe('merged')
  })

  it('that hang are given up: the request is 503, everything is taken back, and others go on', async () => {
    let late: Promise<unknown> | undefined
    await start({
      async onAccountsMerged(tx) {
        late = new Promise(resolve => setTimeout(resolve, 3500)).then(() => sql`delete from orders`.execute(tx))
        late.catch(() => {})
        await late
      },
    })
    const lin = system.person('13600001009')
    await lin.login()
    await lin.phoneOnly()
    const hanging = lin.loginByPhone()
    const answer = await hanging
    expect([answer.status, answer.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
    expect((await system.person().login()).status).toBe(200)
    // What it does afterwards reaches nobody's transaction.
    await expect(late).rejects.toThrow('is over')
  })

  it('that ask in parallel and fail leave nothing behind', async () => {
    await start({
      async onAccountCreated(tx, { accountId }) {
        const insert = () => sql`insert into orders (account_id, note) values (${accountId}, 'x')`.execute(tx)
        const failing = sql`insert into there_is_no_such_table values (1)`.execute(tx)
        await Promise.all([failing, insert(), insert(), insert()])
      },
    })
    expect((await system.person().login()).status).toBe(500)
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(await orders()).toEqual([])
  })

  it('may be methods of a class, and may be left out', async () => {
    class Business implements AccountHooks {
      readonly note = 'of a class'
      async onAccountCreated(
        tx: Parameters<NonNullable<AccountHooks['onAccountCreated']>>[0],
        event: { accountId: string },
      ) {
        await sql`insert into orders (account_id, note) values (${event.accountId}, ${this.note})`.execute(tx)
      }
    }
    await start(new Business())
    const { user, accessToken } = (await system.person().login()).body.data
    expect(await orders()).toEqual([user.id])
    expect((await system.api.request('DELETE', '/me', { token: accessToken })).status).toBe(200)
  })

  it('hear of a merge that was undone', async () => {
    const heard: object[] = []
    await start({
      async onMergeUndone(_tx, event) {
        heard.push(event)
      },
    })
    const lin = system.person('13600001003')
    const byOpenid = (await lin.login()).body.data
    const byPhone = (await lin.phoneOnly()).body.data
    await lin.loginByPhone()
    const login = await openLogin(system.config, {
      database: system.database,
      clock: system.clock,
      hooks: {
        async onMergeUndone(_tx, event) {
          heard.push(event)
        },
      },
    })
    const [merge] = await login.listMerges()
    await login.undoMerge(merge?.id ?? '')
    await login.close()
    expect(heard).toEqual([{ mergeId: merge?.id, survivorId: byOpenid.user.id, loserId: byPhone.user.id }])
  })
})
