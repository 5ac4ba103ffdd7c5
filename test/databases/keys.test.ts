import { createApp, createKeyring, type Database, openDatabase, openSigningKeys, readConfig } from '@mplogin/server'
import type { FastifyInstance } from 'fastify'
import { decodeProtectedHeader } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { type Api, createApi } from '../support/api.js'
import { startFleet } from '../support/fleet.js'
import { type System, startSystem } from '../support/system.js'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** Handles on the signing keys of one database, as several instances have them, on the test's clock. */
async function openHandles(system: System, count: number, algorithm: 'ES256' | 'EdDSA' | 'RS256' = 'ES256') {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const database: Database = await openDatabase(system.testDatabase.url)
      const keys = await openSigningKeys({
        ...{ database, clock: system.clock, keyring: createKeyring(system.config.secrets) },
        policy: { algorithm, maxDays: 90, accessTtlSeconds: 900 },
      })
      cleanUps.push(async () => {
        keys.close()
        await database.close()
      })
      return keys
    }),
  )
}
const start = async () => {
  const system = await startSystem()
  cleanUps.push(() => system.close())
  return system
}
const kids = (keys: { jwks(): { keys: { kid?: string }[] } }) => keys.jwks().keys.map(key => key.kid)

/** The same service with other settings, on the same database and clock. */
async function startBeside(system: System, env: Record<string, string>): Promise<Api> {
  const config = readConfig({ directory: system.directory, env: { ...system.env, ...env } })
  const app: FastifyInstance = await createApp(config, { clock: system.clock })
  cleanUps.push(() => app.close())
  return createApi(await app.listen({ host: '127.0.0.1', port: 0 }))
}

describe('signing keys', { timeout: 60_000 }, () => {
  it('rotate by age: the next one is published long before it signs, the former one until its tokens are over', async () => {
    const system = await start()
    const [keys, sibling] = await openHandles(system, 2)
    if (!keys || !sibling) throw new Error('no handles')
    const [first, second] = kids(keys)
    expect(keys.current().kid).toBe(first)
    system.advance({ days: 90 })
    await keys.look()
    await sibling.look()
    for (const each of [keys, sibling]) {
      expect(each.current().kid).toBe(second)
      expect(kids(each).slice(0, 2)).toEqual([first, second])
      expect(kids(each)).toHaveLength(3)
    }
    system.advance({ minutes: 21 })
    await keys.look()
    expect(kids(keys)).not.toContain(first)
    expect(kids(keys)).toHaveLength(2)
  })

  it('rotate once when all instances look at the same moment', async () => {
    const system = await start()
    const handles = await openHandles(system, 5)
    system.advance({ days: 90 })
    await Promise.all(handles.map(keys => keys.look()))
    await Promise.all(handles.map(keys => keys.look()))
    expect(new Set(handles.map(keys => keys.current().kid)).size).toBe(1)
    expect(handles.map(keys => kids(keys).length)).toEqual([3, 3, 3, 3, 3])
    const audited = await system.database.db
      .selectFrom('audit')
      .select('action')
      .where('action', '=', 'key.promoted')
      .execute()
    expect(audited).toHaveLength(1)
  })

  it.each([
    'EdDSA',
    'RS256',
  ] as const)('change to %s without a break: old and new tokens count everywhere', async algorithm => {
    const system = await start()
    const lin = system.person()
    const before = (await lin.login()).body.data.accessToken
    const beside = await startBeside(system, { SIGNING_ALGORITHM: algorithm })
    expect(decodeProtectedHeader((await beside.login({ code: lin.loginCode() })).body.data.accessToken).alg).toBe(
      'ES256',
    )

    system.advance({ minutes: 10 })
    const [keys] = await openHandles(system, 1, algorithm)
    await keys?.look()
    // Whoever starts now signs with it; the one that started first has read it as the next one.
    const later = await startBeside(system, { SIGNING_ALGORITHM: algorithm })
    const after = (await later.login({ code: lin.loginCode() })).body.data.accessToken
    expect(decodeProtectedHeader(after).alg).toBe(algorithm)
    for (const api of [system.api, beside, later]) {
      for (const token of [before, after]) expect((await api.get('/me', token)).status).toBe(200)
    }
  })

  it('rotate under load, while two processes restart one after another: no refresh and no request fails', async () => {
    const fleet = await startFleet(2)
    cleanUps.push(() => fleet.close())
    const running = [...fleet.servers]
    const clients = await Promise.all(
      Array.from({ length: 12 }, async () => (await fleet.api().login({ code: fleet.person().loginCode() })).body.data),
    )
    let isRunning = true
    let count = 0
    /** As behind a load balancer: a connection that is refused or cut goes to another instance. */
    const balanced = async <T>(ask: (api: Api) => Promise<T>): Promise<T> => {
      for (let attempt = 0; ; attempt++) {
        const server = running[(count + attempt) % running.length]
        try {
          if (server) return await ask(server.api)
        } catch (error) {
          if (attempt > 20) throw error
          await new Promise(resolve => setTimeout(resolve, 20))
        }
      }
    }
    const failures: string[] = []
    const kidsSeen = new Set<string | undefined>()
    const load = clients.map(async ({ refreshToken }) => {
      let token = refreshToken
      while (isRunning) {
        count++
        const refreshed = await balanced(api =>
          api.post<{ accessToken: string; refreshToken: string }>('/token/refresh', { refreshToken: token }),
        )
        if (refreshed.status !== 200) failures.push(`refresh ${refreshed.status} ${refreshed.body.code}`)
        token = refreshed.body.data?.refreshToken ?? token
        const { accessToken = '' } = refreshed.body.data ?? {}
        kidsSeen.add(decodeProtectedHeader(accessToken).kid)
        const me = await balanced(api => api.get('/me', accessToken))
        if (me.status !== 200) failures.push(`me ${me.status} ${me.body.code}`)
      }
    })
    for (let i = 0; i < 2; i++) {
      const rotated = await fleet.run('keys', 'rotate', '--now')
      expect([rotated.code, rotated.output]).toEqual([0, expect.stringContaining('signs from now on')])
      const [old] = running.splice(0, 1)
      await old?.process.stop()
      running.push(await fleet.serve())
    }
    isRunning = false
    await Promise.all(load)
    expect(failures).toEqual([])
    expect(count).toBeGreaterThan(50)
    expect(kidsSeen.size).toBeGreaterThan(1)
  })
})

describe('mplogin keys', { timeout: 60_000 }, () => {
  it('lists the keys, and rotates only when other back ends know the next one, unless told to', async () => {
    const fleet = await startFleet(1)
    cleanUps.push(() => fleet.close())
    const listed = async () =>
      JSON.parse((await fleet.run('keys', 'list', '--json')).output) as { kid: string; state: string }[]
    const [first, second] = await listed()
    expect([first?.state, second?.state]).toEqual(['current', 'next'])
    const early = await fleet.run('keys', 'rotate')
    expect([early.code, early.output]).toEqual([1, expect.stringMatching(/the next key signs from 20\S+Z on/)])
    const { accessToken } = (await fleet.api().login({ code: fleet.person().loginCode() })).body.data

    expect((await fleet.run('keys', 'rotate', '--leaked')).output).toContain(`${second?.kid} signs from now on`)
    expect((await listed()).map(key => key.kid)).not.toContain(first?.kid)
    expect((await fleet.run('keys', 'list')).output).toMatch(/current {2}ES256 {2}since 20/)
    // An instance that starts now, as all do within a minute, refuses what the leaked key signed.
    const { api } = await fleet.serve()
    expect((await api.get('/me', accessToken)).body.code).toBe('UNAUTHENTICATED')
  })
})
