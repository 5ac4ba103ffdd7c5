import { randomUUID } from 'node:crypto'
import type { Statement } from '@mplogin/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type System, startSystem } from '../support/system.js'

let system: System
const statements: Statement[] = []
beforeAll(async () => {
  system = await startSystem({ database: { onStatement: statement => statements.push(statement) } })
})
afterAll(() => system.close())

/** What a request asks of the database: the first word of each statement, transactions left out. */
async function asked(request: () => Promise<{ status: number }>): Promise<string[]> {
  statements.length = 0
  expect((await request()).status).toBe(200)
  return statements
    .map(({ sql }) => /\w+/.exec(sql)?.[0] ?? '')
    .filter(word => !['begin', 'start', 'commit', 'set', 'savepoint', 'release'].includes(word))
}

describe('what a request costs the database', () => {
  it('a returning login: one read and one write, whatever it proves', async () => {
    const lin = system.person('13611110001')
    await lin.loginByPhone()
    expect(await asked(() => lin.login())).toEqual(['select', 'insert'])
    expect(await asked(() => lin.loginByPhone())).toEqual(['select', 'insert'])
    expect(await asked(() => lin.phoneOnly())).toEqual(['select', 'insert'])
    const body = { code: lin.loginCode() }
    expect(await asked(() => system.api.login(body, { headers: { 'idempotency-key': randomUUID() } }))).toEqual([
      'select',
      'insert',
    ])
  })

  it('a returning login of somebody who is signed in on as many devices as they may: two reads and two writes', async () => {
    const lin = system.person()
    const { user } = (await lin.login()).body.data
    const live = () =>
      system.database.db
        .selectFrom('sessions')
        .select('id')
        .where('account_id', '=', user.id)
        .where('revoked_at', 'is', null)
        .execute()
    while ((await live()).length < 50) await lin.login()
    expect(await asked(() => lin.login())).toEqual(['select', 'insert', 'select', 'update'])
    expect(await live()).toHaveLength(50)
  })

  it('a refresh: one read and one write', async () => {
    const { refreshToken } = (await system.person().login()).body.data
    expect(await asked(() => system.api.post('/token/refresh', { refreshToken }))).toEqual(['select', 'update'])
  })

  it('GET /me: the session and the account, nothing written', async () => {
    const { accessToken } = (await system.person().login()).body.data
    expect(await asked(() => system.api.get('/me', accessToken))).toEqual(['select', 'select'])
  })
})
