import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Driver, Statement } from '../driver.js'
import { openSqlite } from './open.js'

let directory: string
let driver: Driver
const statements: Statement[] = []
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mplogin-group-'))
  driver = openSqlite(join(directory, 'test.db'), { onStatement: statement => statements.push(statement) })
  await driver.unhurried(db => sql`create table t (id integer primary key)`.execute(db))
  statements.length = 0
})
afterEach(async () => {
  await driver.close()
  rmSync(directory, { recursive: true })
})

const insert = (id: number) => (db: Kysely<never>) => sql`insert into t values (${id})`.execute(db)
const run = (id: number) => driver.runInTransaction(tx => insert(id)(tx as never))
const stored = async () =>
  (await sql<{ id: number }>`select id from t order by id`.execute(driver.db)).rows.map(row => row.id)

describe('group commit', () => {
  it('commits the transactions of one turn together; one that fails takes back its own only', async () => {
    const results = await Promise.allSettled([
      run(1),
      run(2),
      driver.runInTransaction(async tx => {
        await insert(3)(tx as never)
        throw new Error('of its own')
      }),
      run(2),
      run(4),
    ])
    expect(results.map(result => result.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(await stored()).toEqual([1, 2, 4])
  })

  it('answers nobody before the commit: another connection finds what was answered', async () => {
    const other = openSqlite(join(directory, 'test.db'), {})
    const found: number[] = []
    await Promise.all(
      [1, 2, 3].map(async id => {
        await run(id)
        const { rows } = await sql`select id from t where id = ${id}`.execute(other.db)
        found.push(rows.length)
      }),
    )
    await other.close()
    expect(found).toEqual([1, 1, 1])
  })

  it('finishes what it has taken before it closes, and takes no more', async () => {
    const working = driver.runInTransaction(async tx => {
      await new Promise(resolve => setTimeout(resolve, 50))
      await insert(1)(tx as never)
    })
    const queued = run(2)
    const closed = driver.close()
    await expect(run(3)).rejects.toMatchObject({ name: 'DatabaseUnavailableError' })
    await Promise.all([working, queued, closed])
    driver = openSqlite(join(directory, 'test.db'), {})
    expect(await stored()).toEqual([1, 2])
  })
})
