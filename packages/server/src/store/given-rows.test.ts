import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, databaseKind, type TestDatabase } from '../../../../test/support/databases.js'
import { type Database, openDatabase } from './database.js'
import { insertAll, insertRows, insertsTogether, type TableRows } from './given-rows.js'
import { migrate } from './migrate.js'

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

const at = 1_795_000_000_000
const entry = (id: string, more: object = {}) => ({
  ...{ id, at, action: 'test', actor: 'user' as const, detail: '{}' },
  ...more,
})
const read = (id: string) => database.db.selectFrom('audit').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

describe('rows that a statement is given as one parameter', () => {
  it('are stored as they are, whatever their texts hold', async () => {
    const texts = [
      `quotes ' " \` and back\\slashes \\' \\n`,
      'line\nfeed, tab\t, return\r, \u2028 \u2029 \u0001',
      '用户 😀 👩‍💻 é',
      '$1 ? :name {"a": [1, null]} <script>',
      'x'.repeat(20_000),
      '',
    ]
    await database.transact(tx =>
      insertRows(
        tx,
        'audit',
        texts.map((detail, i) => entry(`text-${i}`, { detail })),
      ),
    )
    for (const [i, detail] of texts.entries()) expect((await read(`text-${i}`)).detail).toBe(detail)
  })

  it('have null where they have nothing, also where another row has something', async () => {
    const rows = [
      entry('null-1', { account_id: 'a' }),
      entry('null-2', { address: '1.2.3.*' }),
      entry('null-3', { account_id: undefined }),
    ]
    await database.transact(tx => insertRows(tx, 'audit', rows))
    expect(await read('null-1')).toMatchObject({ account_id: 'a', address: null })
    expect(await read('null-2')).toMatchObject({ account_id: null, address: '1.2.3.*' })
    expect(await read('null-3')).toMatchObject({ account_id: null, address: null })
  })

  it('keep numbers exact, and each statement its own values', async () => {
    for (const number of [0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
      await database.transact(tx => insertRows(tx, 'audit', [entry(`number-${number}`, { at: number })]))
      expect((await read(`number-${number}`)).at).toBe(number)
    }
  })

  it('are refused as a whole when one of them is', async () => {
    const rows = [entry('whole-1'), entry('whole-2'), entry('whole-1')]
    await expect(database.transactOnce(tx => insertRows(tx, 'audit', rows))).rejects.toThrow()
    expect(await database.db.selectFrom('audit').select('id').where('id', 'like', 'whole-%').execute()).toEqual([])
  })

  it('are stored in several tables, or in none of them', async () => {
    const event = (id: string) => ({ id, type: 'test', account_id: 'a', payload: '{}', created_at: at })
    const parts = (id: string): TableRows[] => [
      { table: 'audit', rows: [entry(id)] },
      { table: 'spent_tickets', rows: [] },
      { table: 'outbox', rows: [event(id), event(`${id}-more`)] },
    ]
    const stored = async (id: string) => [
      await database.db.selectFrom('audit').select('id').where('id', '=', id).execute(),
      await database.db.selectFrom('outbox').select('id').where('id', 'like', `${id}%`).orderBy('id').execute(),
    ]
    await database.transact(tx => insertAll(tx, parts('several')))
    expect(await stored('several')).toEqual([[{ id: 'several' }], [{ id: 'several' }, { id: 'several-more' }]])
    await database.transact(tx => insertAll(tx, [{ table: 'outbox', rows: [event('none-more')] }]))
    await expect(database.transactOnce(tx => insertAll(tx, parts('none')))).rejects.toThrow()
    expect(await stored('none')).toEqual([[], [{ id: 'none-more' }]])
  })

  it.runIf(databaseKind === 'postgres')(
    'are stored by one statement without a transaction, or not at all',
    async () => {
      const parts = [entry('whole'), entry('whole')].map(row => ({ table: 'audit', rows: [row] }) as TableRows)
      expect(insertsTogether(database.db)).toBe(true)
      await expect(database.runStatement(db => insertAll(db, parts))).rejects.toThrow()
      expect(await database.db.selectFrom('audit').select('id').where('id', '=', 'whole').execute()).toEqual([])
    },
  )

  it('may be none', async () => {
    await database.transact(tx => insertRows(tx, 'audit', []))
  })
})
