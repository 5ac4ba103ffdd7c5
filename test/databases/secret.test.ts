import { randomBytes } from 'node:crypto'
import type { LoginAnswer } from '@mplogin/contract'
import { createKeyring } from '@mplogin/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Api } from '../support/api.js'
import { type Fleet, startFleet } from '../support/fleet.js'
import { brokenInvariants } from '../support/invariants.js'
import { startCommand } from '../support/processes.js'

const [old, next] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')]
const both = `${next},${old}`

let fleet: Fleet
beforeEach(async () => {
  fleet = await startFleet(0, { MPLOGIN_SECRET: old })
})
afterEach(async () => {
  expect(await brokenInvariants(fleet.database)).toEqual([])
  await fleet.close()
})

const serve = (secrets: string) => fleet.serve({ MPLOGIN_SECRET: secrets })
const reencrypt = (secrets: string) => fleet.runWith({ MPLOGIN_SECRET: secrets }, 'keys', 'reencrypt')
const phones = () =>
  fleet.database.db
    .selectFrom('identities')
    .select(['subject', 'sealed', 'account_id'])
    .where('kind', '=', 'phone')
    .execute()
const prefixOf = (secret: string) => `v1.${createKeyring(Buffer.from(secret, 'base64')).firstId}.`

/** Stores phones as an instance with this secret does. */
async function storePhones(count: number): Promise<void> {
  const keyring = createKeyring(Buffer.from(old, 'base64'))
  for (let from = 0; from < count; from += 500) {
    const some = Array.from({ length: Math.min(500, count - from) }, (_, i) => from + i)
    await fleet.database.transact(async tx => {
      await tx
        .insertInto('accounts')
        .values(
          some.map(i => ({
            ...{ id: `a-${i}`, nickname: 'n', avatar: '/a', status: 'active' as const, merged_into: null },
            ...{ created_at: 0, last_seen_at: 0 },
          })),
        )
        .execute()
      await tx
        .insertInto('identities')
        .values(
          some.map(i => {
            const number = `137${String(i).padStart(8, '0')}`
            return {
              ...{
                id: `i-${i}`,
                kind: 'phone' as const,
                scope: '',
                account_id: `a-${i}`,
                phone_of: `a-${i}`,
                created_at: 0,
              },
              subject: keyring.hash('phone-hash', `+86${number}`),
              sealed: keyring.seal('phone-text', `86 ${number}`),
            }
          }),
        )
        .execute()
    })
  }
}

describe('replacing MPLOGIN_SECRET', { timeout: 120_000 }, () => {
  it('signs nobody out, finds every phone, and needs no pause', async () => {
    const former = await serve(old)
    const people = Array.from({ length: 30 }, (_, i) => fleet.person(`1360000${2000 + i}`))
    const logins: LoginAnswer[] = []
    const loginBoth = (api: Api, lin: ReturnType<Fleet['person']>) =>
      api.loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })
    for (const lin of people) logins.push((await loginBoth(former.api, lin)).body.data)
    const before = await phones()
    const expectSame = async (api: Api) => {
      for (const [i, lin] of people.entries()) {
        const { user } = (await api.loginByPhone({ code: lin.phoneCode() })).body.data
        expect(user).toMatchObject({ id: logins[i]?.user.id, phone: logins[i]?.user.phone })
      }
    }

    // 1. Instances with both secrets run beside instances with the old one: all still write under the old one.
    const { process, api } = await serve(both)
    await expectSame(api)
    const fresh = fleet.person('13600003000')
    const created = (await api.loginByPhone({ code: fresh.phoneCode() })).body.data
    expect((await former.api.loginByPhone({ code: fresh.phoneCode() })).body.data.user.id).toBe(created.user.id)
    await former.process.stop()

    // 2. The switch, while people sign in.
    let isRunning = true
    const ids = new Map<string, Set<string>>()
    const load = Array.from({ length: 8 }, async (_, client) => {
      for (let i = 0; isRunning; i++) {
        const number = `1360001${String(1000 + ((client + i) % 20))}`
        const answer = await api.loginByPhone({ code: fleet.person(number).phoneCode() })
        expect(answer.status).toBe(200)
        ids.set(number, (ids.get(number) ?? new Set()).add(answer.body.data.user.id))
      }
    })
    await new Promise(resolve => setTimeout(resolve, 300))
    const { code, output } = await reencrypt(both)
    expect([code, output]).toEqual([0, expect.stringMatching(/^\d+ phones and 2 signing keys are now under the first/)])
    await new Promise(resolve => setTimeout(resolve, 300))
    isRunning = false
    await Promise.all(load)
    expect([...ids.values()].map(found => found.size)).toEqual(Array(ids.size).fill(1))

    // Who refreshes meanwhile stays signed in.
    const { refreshToken } = logins[0] as LoginAnswer
    expect((await api.post('/token/refresh', { refreshToken })).status).toBe(200)
    await process.stop()

    // 3. The old one is taken away.
    await expectSame((await serve(next)).api)
    const after = await phones()
    const formerTexts = new Set(before.flatMap(row => [row.subject, row.sealed]))
    expect(after.filter(row => formerTexts.has(row.subject) || formerTexts.has(row.sealed))).toEqual([])
    expect(after.every(row => row.sealed?.startsWith(prefixOf(next)))).toBe(true)
    expect(await reencrypt(next)).toEqual({
      code: 0,
      output: 'Everything is under the first secret of MPLOGIN_SECRET already.\n',
    })
  })

  it('continues after it was killed half-way; until it is done nobody starts without the old secret', async () => {
    expect((await fleet.run('migrate')).code).toBe(0)
    const { process } = await serve(old)
    await process.stop()
    const count = 8000
    await storePhones(count)
    const renewed = async () =>
      Number(
        (
          await fleet.database.db
            .selectFrom('identities')
            .select(eb => eb.fn.countAll<number>().as('count'))
            .where('kind', '=', 'phone')
            .where('sealed', 'like', `${prefixOf(next)}%`)
            .executeTakeFirstOrThrow()
        ).count,
      )
    const running = startCommand(['keys', 'reencrypt'], {
      cwd: fleet.cwd,
      env: { ...fleet.env, MPLOGIN_SECRET: both },
    })
    while ((await renewed()) === 0 && running.child.exitCode === null)
      await new Promise(resolve => setTimeout(resolve, 5))
    await running.stop('SIGKILL')
    const done = await renewed()
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(count)

    const early = await fleet.runWith({ MPLOGIN_SECRET: next }, 'serve')
    expect([early.code, early.output]).toEqual([1, expect.stringContaining('some phones are stored under a former')])
    const { code, output } = await reencrypt(both)
    expect([code, output]).toEqual([0, expect.stringContaining(`${count - done} phones and`)])
    expect(await renewed()).toBe(count)
    const { api } = await serve(next)
    const lin = fleet.person('13700000007')
    expect((await api.loginByPhone({ code: lin.phoneCode() })).body.data).toMatchObject({
      outcome: 'existing',
      user: { id: 'a-7' },
    })
  })

  it('stops the start with the reason when the secret is not the one of the database', async () => {
    await (await serve(old)).process.stop()
    const { code, output } = await fleet.runWith({ MPLOGIN_SECRET: next }, 'serve')
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('MPLOGIN_SECRET is not the one this database was made with'),
    ])
  })
})
