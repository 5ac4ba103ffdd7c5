import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../../test/support/databases.js'
import { type Database, openDatabase } from '../store/database.js'
import { insertRows } from '../store/given-rows.js'
import { migrate } from '../store/migrate.js'
import { createSessions } from './sessions.js'

let test: TestDatabase
let database: Database
beforeAll(async () => {
  test = await createTestDatabase()
  database = await openDatabase(test.url)
  await migrate(database)
})
afterAll(async () => {
  await database.close()
  await test.drop()
})

const now = new Date('2026-06-01T00:00:00Z')
const sessions = createSessions({ refreshTtlDays: 30, maxDays: 365, perAccount: 2 })

/** An account with three sessions, one more than it may have, as after a merge. */
async function createAccount(id: string, status: 'active' | 'disabled' = 'active') {
  const account = { id, nickname: 'n', avatar: 'a', status, created_at: 1, last_seen_at: 1 }
  await database.transact(async tx => {
    await insertRows(tx, 'accounts', [account])
    for (const day of [1, 2, 3]) await sessions.start(tx, newSession(id), new Date(now.getTime() - day * 1000))
    await tx.updateTable('sessions').set({ revoked_at: null, revoked_why: null }).where('account_id', '=', id).execute()
  })
  return id
}

const newSession = (accountId: string) => ({
  accountId,
  appid: 'wx1',
  outcome: 'existing' as const,
  device: undefined,
  address: undefined,
  idempotency: undefined,
})
const startAll = (beginnings: { accountId: string; version?: number }[]) =>
  sessions.startReturningAtCap(
    database,
    beginnings.map(({ accountId, version = 1 }) => ({ session: newSession(accountId), now, version })),
  )
const live = async (accountId: string) =>
  (
    await database.db
      .selectFrom('sessions')
      .select('id')
      .where('account_id', '=', accountId)
      .where('revoked_at', 'is', null)
      .execute()
  ).map(({ id }) => id)

describe('sessions that begin at the cap', () => {
  it('end those unused longest, each account’s own', async () => {
    const [a, b] = [await createAccount('a'), await createAccount('b')]
    const [ofA] = await startAll([{ accountId: a }])
    expect(await live(a)).toHaveLength(2)
    expect(await live(a)).toContain(ofA?.id)
    expect(await live(b)).toHaveLength(3)
  })

  it('do not begin, and end nothing, where the account is another than was read', async () => {
    const [changed, disabled, right] = [
      await createAccount('changed'),
      await createAccount('disabled', 'disabled'),
      await createAccount('right'),
    ]
    const begun = await startAll([
      { accountId: changed, version: 7 },
      { accountId: right },
      { accountId: disabled },
      { accountId: 'nobody' },
    ])
    expect(begun.map(session => session?.accountId)).toEqual([undefined, right, undefined, undefined])
    expect(await live(changed)).toHaveLength(3)
    expect(await live(disabled)).toHaveLength(3)
    expect(await live(right)).toHaveLength(2)
    expect(await startAll([{ accountId: changed, version: 7 }])).toEqual([undefined])
  })

  it('end each other where more begin at once than there may be', async () => {
    const id = await createAccount('crowd')
    const begun = await startAll(Array.from({ length: 5 }, () => ({ accountId: id })))
    const left = await live(id)
    expect(left).toHaveLength(2)
    expect(begun.map(session => session?.id)).toEqual(expect.arrayContaining(left))
  })
})
