import { describe, expect, it } from 'vitest'
import { dayMs } from '../clock.js'
import { openDatabase } from '../store/database.js'
import { migrate } from '../store/migrate.js'
import { sweep } from './housekeeping.js'

const now = new Date('2026-06-01T00:00:00Z')
const daysFromNow = (days: number) => now.getTime() + days * dayMs

describe('sweep', () => {
  it('removes spent tickets that are over and sessions that ended a month ago, and nothing else', async () => {
    const database = await openDatabase('sqlite::memory:')
    await migrate(database)
    const { db } = database
    const account = {
      id: 'a',
      nickname: 'n',
      avatar: '/',
      status: 'active',
      merged_into: null,
      created_at: 0,
      last_seen_at: 0,
    } as const
    await db.insertInto('accounts').values(account).execute()
    const session = (id: string, expires_at: number) => ({
      ...{ id, account_id: 'a', appid: 'x', generation: 1, rotated_at: 0, created_at: 0, last_seen_at: 7, expires_at },
      ...{ revoked_at: null, revoked_why: null, device: null, address: null, login_key: null, login_codes: null },
      login_outcome: 'created' as const,
    })
    await db
      .insertInto('sessions')
      .values([session('live', daysFromNow(1)), session('ended', daysFromNow(-29)), session('old', daysFromNow(-31))])
      .execute()
    await db
      .insertInto('spent_tickets')
      .values([
        { id: 'over', expires_at: daysFromNow(-1) },
        { id: 'valid', expires_at: daysFromNow(1) },
      ])
      .execute()

    await sweep(database, now)
    expect((await db.selectFrom('sessions').select('id').execute()).map(row => row.id).sort()).toEqual([
      'ended',
      'live',
    ])
    // The account remembers when the session that is gone was seen.
    expect(await db.selectFrom('accounts').select('last_seen_at').execute()).toEqual([{ last_seen_at: 7 }])
    expect(await db.selectFrom('spent_tickets').select('id').execute()).toEqual([{ id: 'valid' }])
    await database.close()
  })
})
