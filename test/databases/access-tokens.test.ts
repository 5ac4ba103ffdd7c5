import { randomBytes, randomUUID } from 'node:crypto'
import { type Emulator, startEmulator } from '@mplogin/emulator'
import { createKeyring, createSharedTokens, type Database, migrate, openDatabase } from '@mplogin/server'
import { type AccessTokenStore, createWechat, type TokenChange, type Wechat } from '@mplogin/wechat'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock } from '../support/clock.js'
import { createTestDatabase, databaseKind, type TestDatabase } from '../support/databases.js'
import { type Fleet, startFleet } from '../support/fleet.js'
import { appA } from '../support/system.js'

const leaseMs = 14_000
const modes = ['stable', 'legacy'] as const
const paths = { stable: '/cgi-bin/stable_token', legacy: '/cgi-bin/token' }
const phonePath = '/wxa/business/getuserphonenumber'

const askedFor = (emulator: Emulator, path: string) =>
  Object.values(emulator.stats().calls[path] ?? {}).reduce((sum, count) => sum + count, 0)

/** Somebody else who knows the secret asks WeChat for a token. */
async function strangerAsks(emulator: Emulator, mode: (typeof modes)[number]): Promise<void> {
  const { appid, secret } = appA
  const query = new URLSearchParams({ grant_type: 'client_credential', appid, secret })
  if (mode === 'legacy') await fetch(`${emulator.url}${paths.legacy}?${query}`)
  else {
    const body = JSON.stringify({ grant_type: 'client_credential', appid, secret, force_refresh: true })
    await fetch(emulator.url + paths.stable, { method: 'POST', body })
  }
}

describe('the row that instances share an access token in', () => {
  let test: TestDatabase
  let database: Database
  const { clock, advance } = createTestClock()
  const keyring = createKeyring(randomBytes(32))
  let store: AccessTokenStore
  beforeAll(async () => {
    test = await createTestDatabase()
    database = await openDatabase(test.url)
    await migrate(database)
    store = createSharedTokens({ database, keyring, clock })
  })
  afterAll(async () => {
    await database.close()
    await test.drop()
  })

  const newAppid = () => `wx${randomUUID()}`
  const expiresAt = new Date('2026-06-01T02:00:00Z')

  it('gives the lease to one of many that want it at the same moment, also the first time', async () => {
    const appid = newAppid()
    const wants = () =>
      Promise.all(Array.from({ length: 20 }, () => store.acquire(appid, { holder: randomUUID(), leaseMs })))
    expect((await wants()).filter(Boolean)).toHaveLength(1)
    expect((await wants()).filter(Boolean)).toHaveLength(0)
    advance({ seconds: leaseMs / 1000 })
    expect((await wants()).filter(Boolean)).toHaveLength(1)
  })

  it('is not held up by an instance that died with a clock that is an hour ahead', async () => {
    const appid = newAppid()
    const ahead = createSharedTokens({ database, keyring, clock: () => new Date(clock().getTime() + 3_600_000) })
    await ahead.acquire(appid, { holder: 'ahead', leaseMs })
    expect(await store.acquire(appid, { holder: 'ours', leaseMs })).toBe(true)
    // A clock that is a second behind takes nothing from us.
    const behind = createSharedTokens({ database, keyring, clock: () => new Date(clock().getTime() - 1000) })
    expect(await behind.acquire(appid, { holder: 'behind', leaseMs })).toBe(false)
  })

  it('gives back what the holder wrote, and frees the lease with it', async () => {
    const appid = newAppid()
    expect(await store.read(appid)).toBeUndefined()
    await store.acquire(appid, { holder: 'a', leaseMs })
    expect(await store.read(appid)).toBeUndefined()
    await store.write(appid, 'a', { token: 'T1', expiresAt })
    expect(await store.read(appid)).toEqual({ token: 'T1', expiresAt })
    expect(await store.acquire(appid, { holder: 'b', leaseMs })).toBe(true)
    expect(await store.read(appid)).toEqual({ token: 'T1', expiresAt })
    await store.release(appid, 'a')
    expect(await store.acquire(appid, { holder: 'a', leaseMs })).toBe(false)
    await store.release(appid, 'b')
    expect(await store.acquire(appid, { holder: 'a', leaseMs })).toBe(true)
  })

  it('takes nothing from a holder whose lease is over', async () => {
    const appid = newAppid()
    await store.acquire(appid, { holder: 'slow', leaseMs })
    advance({ seconds: leaseMs / 1000 })
    await store.acquire(appid, { holder: 'quick', leaseMs })
    await store.write(appid, 'slow', { token: 'late', expiresAt })
    expect(await store.read(appid)).toBeUndefined()
    await store.write(appid, 'quick', { token: 'T2', expiresAt })
    expect(await store.read(appid)).toEqual({ token: 'T2', expiresAt })
  })

  it('shows the token to nobody without the secret', async () => {
    const appid = newAppid()
    await store.acquire(appid, { holder: 'a', leaseMs })
    await store.write(appid, 'a', { token: 'token-in-plain-text', expiresAt })
    const rows = await database.db.selectFrom('access_tokens').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('token-in-plain-text')
    const other = createSharedTokens({ database, keyring: createKeyring(randomBytes(32)), clock })
    expect(await other.read(appid)).toBeUndefined()
  })
})

describe.each(modes)('eight clients that share a row, in %s mode,', mode => {
  const path = paths[mode]
  let emulator: Emulator
  let test: TestDatabase
  let database: Database
  let clients: Wechat[]
  let changes: TokenChange[]
  const time = createTestClock()

  beforeEach(async () => {
    emulator = await startEmulator({ apps: [appA], clock: time.clock })
    test = await createTestDatabase()
    database = await openDatabase(test.url)
    await migrate(database)
    changes = []
    const keyring = createKeyring(randomBytes(32))
    clients = Array.from({ length: 8 }, () =>
      createWechat({
        appid: appA.appid,
        secret: appA.secret,
        apiBase: emulator.url,
        tokenMode: mode,
        clock: time.clock,
        tokenStore: createSharedTokens({ database, keyring, clock: time.clock }),
        onTokenChange: change => changes.push(change),
      }),
    )
  })
  afterEach(async () => {
    await Promise.all(clients.map(client => client.close()))
    await emulator.close()
    await database.close()
    await test.drop()
  })

  const getAll = () => Promise.all(clients.map(client => client.accessToken.get()))
  const counted = (how: TokenChange['how'], cause: TokenChange['cause']) =>
    changes.filter(change => change.how === how && change.cause === cause).length
  const newPhoneCode = () => {
    const user = emulator.createUser({ phone: '13800000000' })
    return emulator.phoneCode(user.id).code
  }

  it('ask WeChat once at their start, and once when it has expired', async () => {
    expect(new Set(await getAll()).size).toBe(1)
    expect([askedFor(emulator, path), counted('fetched', 'first'), counted('adopted', 'first')]).toEqual([1, 1, 7])
    time.advance({ seconds: 7201 })
    expect(new Set(await getAll()).size).toBe(1)
    expect([askedFor(emulator, path), counted('fetched', 'expired'), counted('adopted', 'expired')]).toEqual([2, 1, 7])
  })

  it('ask once in its last minutes, while the old one serves', async () => {
    const [first] = await getAll()
    time.advance({ seconds: 7200 - 301 })
    await getAll()
    expect(askedFor(emulator, path)).toBe(1)
    time.advance({ seconds: 250 })
    expect(new Set(await getAll())).toEqual(new Set([first]))
    await expect.poll(() => askedFor(emulator, path)).toBe(2)
    // Those that found the lease taken look again after a pause, and adopt.
    await expect
      .poll(async () => {
        time.advance({ seconds: 1 })
        return new Set(await getAll()).size === 1 && (await getAll())[0] !== first
      })
      .toBe(true)
    expect([askedFor(emulator, path), counted('fetched', 'ending'), counted('adopted', 'ending')]).toEqual([2, 1, 7])
  })

  it('ask once more when a stranger has voided it, whoever of them notices', async () => {
    await getAll()
    await strangerAsks(emulator, mode)
    time.advance({ seconds: 301 })
    const asked = askedFor(emulator, path)
    const numbers = await Promise.all(clients.map(client => client.getPhoneNumber(newPhoneCode())))
    expect(numbers.map(number => number.e164)).toEqual(Array(8).fill('+8613800000000'))
    expect(askedFor(emulator, path)).toBe(asked + 1)
    expect(new Set(await getAll()).size).toBe(1)
    expect([counted('fetched', 'rejected'), counted('adopted', 'rejected')]).toEqual([1, 7])
  })

  it('take over from one that died with the lease, once its time is over', async () => {
    const keyring = createKeyring(randomBytes(32))
    await createSharedTokens({ database, keyring, clock: time.clock }).acquire(appA.appid, { holder: 'dead', leaseMs })
    const waiting = getAll()
    await new Promise(resolve => setTimeout(resolve, 500))
    expect(askedFor(emulator, path)).toBe(0)
    time.advance({ seconds: leaseMs / 1000 })
    expect(new Set(await waiting).size).toBe(1)
    expect(askedFor(emulator, path)).toBe(1)
  })

  it('each go on by themselves when the one that asks is refused, and are not held up by it', async () => {
    emulator.addFault({ path, times: 1, errcode: 40164 })
    const outcomes = await Promise.allSettled(clients.map(client => client.accessToken.get()))
    expect(outcomes.filter(outcome => outcome.status === 'rejected')).toHaveLength(1)
    expect(askedFor(emulator, path)).toBe(2)
  })

  it('do without the row when the database has none to give', async () => {
    await database.unhurried(db => sql`drop table access_tokens`.execute(db))
    expect((await getAll()).every(token => token.length > 0)).toBe(true)
    expect(askedFor(emulator, path)).toBe(8)
    const number = await clients[0]?.getPhoneNumber(newPhoneCode())
    expect(number?.e164).toBe('+8613800000000')
  })
})

/** All of them on one database; on the others the hardest that a laptop bears. */
const fleets = (
  [
    ['stable', 2],
    ['stable', 4],
    ['legacy', 2],
    ['legacy', 4],
  ] as const
).filter(([mode, size]) => databaseKind === 'postgres' || (mode === 'legacy' && size === 2))

describe.each(fleets)('phone logins under load in %s mode, %i processes,', (mode, size) => {
  let fleet: Fleet
  let phones = 13_900_000_000
  beforeAll(async () => {
    fleet = await startFleet(size, { WECHAT_TOKEN_MODE: mode })
  })
  afterAll(() => fleet.close())

  it('never fail while the token expires and strangers void it, and ask WeChat no more than theory says', async () => {
    const { emulator } = fleet
    let answered = 0
    const logIn = async () => {
      const lin = fleet.person(String(phones++))
      const answer = await fleet.api().loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })
      expect([answer.status, answer.body.code]).toEqual([200, 'OK'])
      answered++
    }
    const storm = () =>
      Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let i = 0; i < 3; i++) await logIn()
        }),
      )
    await storm()
    let events = 1
    for (let round = 0; round < 3; round++) {
      emulator.advanceClock(7201)
      events++
      await storm()
      const asked = askedFor(emulator, paths[mode])
      await strangerAsks(emulator, mode)
      // The legacy token that was voided lives 5 more minutes.
      emulator.advanceClock(301)
      expect(askedFor(emulator, paths[mode])).toBe(asked + 1)
      events++
      await storm()
    }
    const fetches = askedFor(emulator, paths[mode]) - 3
    process.stdout.write(
      `${mode}, ${size} processes: ${answered} phone logins, ${events} times without a good token, ${fetches} fetches\n`,
    )
    expect(fetches).toBe(events)
    // Each login needs one call; what is above are repeats after a rejected token: of each of the 16 clients at most one
    // in each process, which learns of it by itself.
    const rejected = askedFor(emulator, phonePath) - answered
    expect(rejected).toBeLessThanOrEqual((events - 1) * 16 * size)
    for (const { process } of fleet.servers) expect(process.output()).not.toMatch(/"level":(50|60)/)
  })
})
