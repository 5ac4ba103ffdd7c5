import type { LoginAnswer } from '@mplogin/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../support/api.js'
import { type Fleet, startFleet } from '../support/fleet.js'
import { brokenInvariants } from '../support/invariants.js'
import { appA, appB } from '../support/system.js'

let fleet: Fleet
let phones = 13_300_000_000
const newPhone = () => String(phones++)
const repeat = <T>(times: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: times }, (_, i) => work(i)))
const idsOf = (answers: readonly { body: { data: { user: { id: string } } } }[]) =>
  new Set(answers.map(answer => answer.body.data.user.id))
const statuses = (answers: readonly { status: number }[]) => [...new Set(answers.map(answer => answer.status))]

/** How often PostgreSQL had to end a transaction because two waited for each other. */
async function deadlocks(): Promise<number> {
  // Its sessions report at most once a second.
  await new Promise(resolve => setTimeout(resolve, 1500))
  const { rows } = await sql<{ deadlocks: number }>`
    select deadlocks from pg_stat_database where datname = current_database()`.execute(fleet.database.db)
  return rows[0]?.deadlocks ?? -1
}

beforeAll(async () => {
  fleet = await startFleet(3)
})
afterAll(async () => {
  if (fleet.testDatabase.kind === 'postgres') expect(await deadlocks()).toBe(0)
  expect(await brokenInvariants(fleet.database)).toEqual([])
  for (const { process } of fleet.servers) expect(process.output()).not.toMatch(/"level":(50|60)/)
  await fleet.close()
})

describe('requests that race, from three processes', { timeout: 60_000 }, () => {
  it('first logins by openid make one account', async () => {
    const lin = fleet.person()
    const answers = await repeat(30, () => fleet.api().login({ code: lin.loginCode() }))
    expect(statuses(answers)).toEqual([200])
    expect(idsOf(answers).size).toBe(1)
    expect(answers.filter(answer => answer.body.data.outcome === 'created')).toHaveLength(1)
  })

  it('first logins by phone make one account', async () => {
    const lin = fleet.person(newPhone())
    const answers = await repeat(30, () => fleet.api().loginByPhone({ code: lin.phoneCode() }))
    expect(statuses(answers)).toEqual([200])
    expect(idsOf(answers).size).toBe(1)
  })

  it('first logins by openid, by phone and by both end with one account', async () => {
    for (let round = 0; round < 5; round++) {
      const lin = fleet.person(newPhone())
      const answers = await repeat(30, i =>
        i % 3 === 0
          ? fleet.api().login({ code: lin.loginCode() })
          : fleet.api().loginByPhone({ code: lin.phoneCode(), ...(i % 3 === 1 && { loginCode: lin.loginCode() }) }),
      )
      expect(statuses(answers)).toEqual([200])
      const last = await fleet.api().loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })
      const { id } = last.body.data.user
      // Whoever was merged meanwhile leads to the survivor.
      const survivors = await fleet.database.db
        .selectFrom('accounts')
        .select(eb => eb.fn.coalesce('merged_into', 'id').as('id'))
        .distinct()
        .where('id', 'in', [...idsOf(answers)])
        .execute()
      expect(survivors).toEqual([{ id }])
      for (const { body } of answers) {
        const me = await fleet.api().get<{ user: { id: string } }>('/me', body.data.accessToken)
        expect(me.body.data.user.id).toBe(id)
      }
    }
  })

  it('logins in two apps of one platform make one account', async () => {
    for (let round = 0; round < 5; round++) {
      const lin = fleet.person(undefined, { appid: appB.appid })
      const inC = { appid: 'wxcccccccccccccccc' }
      const answers = await repeat(20, i =>
        i % 2 === 0
          ? fleet.api().login({ code: lin.loginCode(), appid: appB.appid })
          : fleet.api().login({ code: fleet.emulator.loginCode(lin.user.id, inC).code, ...inC }),
      )
      expect(statuses(answers)).toEqual([200])
      expect(idsOf(answers).size).toBe(1)
    }
  })

  it('merges and logins of both accounts lose nobody', async () => {
    for (let round = 0; round < 8; round++) {
      const lin = fleet.person(newPhone())
      const byOpenid = await fleet.api().login({ code: lin.loginCode() })
      const byPhone = await fleet.api().loginByPhone({ code: lin.phoneCode() })
      const answers = await repeat(24, i => {
        if (i % 4 === 0) return fleet.api().loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })
        if (i % 4 === 1) return fleet.api().loginByPhone({ code: lin.phoneCode() })
        if (i % 4 === 2) return fleet.api().login({ code: lin.loginCode() })
        return fleet
          .api()
          .post('/bindPhone', { code: lin.phoneCode() }, { token: byOpenid.body.data.accessToken }) as never
      })
      expect(statuses(answers)).toEqual([200])
      const tokens = [byOpenid, byPhone, ...answers].map(answer => answer.body.data.accessToken).filter(Boolean)
      const me = await Promise.all(tokens.map(token => fleet.api().get<{ user: { id: string } }>('/me', token)))
      expect(idsOf(me)).toEqual(new Set([byOpenid.body.data.user.id]))
    }
  })

  it('two accounts that bind one phone: one gets it, the other is asked', async () => {
    for (let round = 0; round < 8; round++) {
      const phone = newPhone()
      const both = [fleet.person(phone), fleet.person(phone)]
      const logins = await Promise.all(both.map(lin => fleet.api().login({ code: lin.loginCode() })))
      const answers = await repeat(12, async i => {
        const [lin, login] = [both[i % 2], logins[i % 2]]
        return fleet.api().post('/bindPhone', { code: lin?.phoneCode() }, { token: login?.body.data.accessToken ?? '' })
      })
      const found = new Set(answers.map(answer => `${answer.status} ${answer.body.code}`))
      expect(found).toEqual(new Set(['200 OK', '409 ACCOUNT_CONFLICT']))
      const owners = await fleet.database.db
        .selectFrom('identities')
        .select('account_id')
        .where('kind', '=', 'phone')
        .where('account_id', 'in', [...idsOf(logins)])
        .execute()
      expect(owners).toHaveLength(1)
    }
  })

  it("people who bind each other's phone do not wait for each other in a circle", async () => {
    const pair = [fleet.person(newPhone()), fleet.person(newPhone())] as const
    const logins: Answer<LoginAnswer>[] = []
    for (const lin of pair) {
      logins.push(await fleet.api().loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() }))
    }
    const answers = await repeat(40, i => {
      const other = pair[(i + 1) % 2] as (typeof pair)[number]
      // On the phone of the one, with the WeChat of the other.
      const tapping = fleet.person(other.user.phone ?? '', {
        openid: pair[i % 2]?.user.openid ?? '',
        appid: appA.appid,
      })
      const token = logins[i % 2]?.body.data.accessToken ?? ''
      return fleet.api().post('/bindPhone', { code: tapping.phoneCode() }, { token })
    })
    expect(new Set(answers.map(answer => `${answer.status} ${answer.body.code}`))).toEqual(
      new Set(['409 ACCOUNT_CONFLICT']),
    )
  })

  it('one ticket is spent once', async () => {
    const phone = newPhone()
    const holder = fleet.person(phone)
    const other = fleet.person(newPhone())
    await fleet.api().loginByPhone({ code: holder.phoneCode(), loginCode: holder.loginCode() })
    await fleet.api().loginByPhone({ code: other.phoneCode(), loginCode: other.loginCode() })
    const proving = fleet.person(phone, { openid: other.user.openid, appid: appA.appid })
    const asked = await fleet.api().loginByPhone({ code: proving.phoneCode(), loginCode: proving.loginCode() })
    expect(asked.body.code).toBe('ACCOUNT_CONFLICT')
    const { ticket } = asked.body
    const choices = ['use_phone_account', 'use_wechat_account']
    const answers = await repeat(20, i => fleet.api().post('/conflicts/resolve', { ticket, choice: choices[i % 2] }))
    expect(answers.filter(answer => answer.status === 200)).toHaveLength(1)
    expect(new Set(answers.map(answer => answer.body.code))).toEqual(new Set(['OK', 'TICKET_USED']))
  })

  it('deletions, logins and binds of one person end with at most one account', async () => {
    for (let round = 0; round < 8; round++) {
      const lin = fleet.person(newPhone())
      const { accessToken: token } = (await fleet.api().login({ code: lin.loginCode() })).body.data
      const answers = await repeat(16, i => {
        if (i % 4 === 0) return fleet.api().request('DELETE', '/me', { token })
        if (i % 4 === 1) return fleet.api().post('/bindPhone', { code: lin.phoneCode() }, { token })
        if (i % 4 === 2) return fleet.api().login({ code: lin.loginCode() })
        return fleet.api().loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })
      })
      expect(answers.filter(answer => answer.status >= 500)).toEqual([])
    }
  })
})
