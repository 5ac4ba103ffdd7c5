import { randomBytes } from 'node:crypto'
import type { LoginAnswer } from '@mplogin/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../support/api.js'
import { type Fleet, startFleet } from '../support/fleet.js'
import { brokenInvariants } from '../support/invariants.js'
import { listeningUrl, startCommand } from '../support/processes.js'

const old = randomBytes(32).toString('base64')
const next = randomBytes(32).toString('base64')

let fleet: Fleet
beforeAll(async () => {
  fleet = await startFleet(1, { MPLOGIN_SECRET: old })
})
afterAll(() => fleet.close())

/** An instance with other secrets, for as long as `work` takes. */
async function withSecrets<T>(secrets: string, work: (api: ReturnType<typeof createApi>) => Promise<T>): Promise<T> {
  const process = startCommand(['serve'], { cwd: fleet.cwd, env: { ...fleet.env, MPLOGIN_SECRET: secrets } })
  try {
    return await work(createApi(await listeningUrl(process, 30_000)))
  } finally {
    await process.stop()
  }
}
const reencrypt = (secrets: string) => {
  const process = startCommand(['keys', 'reencrypt'], {
    cwd: fleet.cwd,
    env: { ...fleet.env, MPLOGIN_SECRET: secrets },
  })
  return new Promise<{ code: number | null; output: string }>(resolve =>
    process.child.on('close', code => resolve({ code, output: process.output() })),
  )
}
const phones = () =>
  fleet.database.db
    .selectFrom('identities')
    .select(['subject', 'sealed', 'account_id'])
    .where('kind', '=', 'phone')
    .execute()

describe('replacing MPLOGIN_SECRET', { timeout: 120_000 }, () => {
  it('signs nobody out, finds every phone, and needs no pause', async () => {
    const people = Array.from({ length: 30 }, (_, i) => fleet.person(`1360000${2000 + i}`))
    const logins: LoginAnswer[] = []
    for (const lin of people) {
      logins.push((await fleet.api().loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })).body.data)
    }
    const [first] = logins
    const before = await phones()

    // 1. Instances with both secrets run beside instances with the old one: all still write under the old one.
    await withSecrets(`${next},${old}`, async api => {
      for (const [i, lin] of people.entries()) {
        const { user } = (await api.loginByPhone({ code: lin.phoneCode() })).body.data
        expect(user).toMatchObject({ id: logins[i]?.user.id, phone: logins[i]?.user.phone })
      }
      const fresh = fleet.person('13600003000')
      const created = (await api.loginByPhone({ code: fresh.phoneCode() })).body.data
      expect((await fleet.api().loginByPhone({ code: fresh.phoneCode() })).body.data.user.id).toBe(created.user.id)
      await Promise.all(fleet.servers.map(server => server.process.stop()))

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
      const { code, output } = await reencrypt(`${next},${old}`)
      expect([code, output]).toEqual([
        0,
        expect.stringMatching(/^\d+ phones and 2 signing keys are now under the first/),
      ])
      await new Promise(resolve => setTimeout(resolve, 300))
      isRunning = false
      await Promise.all(load)
      expect([...ids.values()].map(found => found.size)).toEqual(Array(ids.size).fill(1))

      // Who refreshes meanwhile stays signed in.
      const refreshed = await api.post<{ refreshToken: string }>('/token/refresh', {
        refreshToken: first?.refreshToken,
      })
      expect(refreshed.status).toBe(200)
    })

    // 3. The old one is taken away.
    await withSecrets(next, async api => {
      for (const [i, lin] of people.entries()) {
        const { user } = (await api.loginByPhone({ code: lin.phoneCode() })).body.data
        expect(user).toMatchObject({ id: logins[i]?.user.id, phone: logins[i]?.user.phone })
      }
    })
    const after = await phones()
    const formerTexts = new Set(before.flatMap(row => [row.subject, row.sealed]))
    expect(after.filter(row => formerTexts.has(row.subject) || formerTexts.has(row.sealed))).toEqual([])
    expect(await brokenInvariants(fleet.database)).toEqual([])
    expect(await reencrypt(next)).toEqual({
      code: 0,
      output: 'Everything is under the first secret of MPLOGIN_SECRET already.\n',
    })
  })

  it('stops the start with the reason when the secret is not the one of the database', async () => {
    const process = startCommand(['serve'], { cwd: fleet.cwd, env: { ...fleet.env, MPLOGIN_SECRET: old } })
    await new Promise(resolve => process.child.on('close', resolve))
    expect(process.output()).toContain('MPLOGIN_SECRET is not the one this database was made with')
    expect(process.child.exitCode).toBe(1)
  })

  it('continues after it was killed', async () => {
    const third = randomBytes(32).toString('base64')
    const killed = startCommand(['keys', 'reencrypt'], {
      cwd: fleet.cwd,
      env: { ...fleet.env, MPLOGIN_SECRET: `${third},${next}` },
    })
    await new Promise(resolve => setTimeout(resolve, 450))
    await killed.stop('SIGKILL')
    expect((await reencrypt(`${third},${next}`)).code).toBe(0)
    const lin = fleet.person('13600002000')
    await withSecrets(third, async api => {
      expect((await api.loginByPhone({ code: lin.phoneCode() })).body.data.outcome).toBe('existing')
    })
  })
})
