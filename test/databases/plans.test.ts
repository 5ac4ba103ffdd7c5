import { type Db, openDatabase, openLogin, type Statement } from '@mplogin/server'
import { CompiledQuery, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseKind } from '../support/databases.js'
import { appA, appB, type System, startSystem } from '../support/system.js'

/** So many that reading a table through would be noticed by people, and by every planner. */
/** A million where planners weigh costs most finely; enough elsewhere that an index is the better way. PLAN_ACCOUNTS asks for more. */
const accountCount = Number(process.env.PLAN_ACCOUNTS ?? (databaseKind === 'postgres' ? 1_000_000 : 200_000))
const recordCount = accountCount / 10

/** Tables of a handful of rows, which planners rightly read through. */
const small = ['secrets', 'signing_keys', 'app_platforms', 'imports', 'mplogin_migration', 'mplogin_migration_lock']

let system: System
const statements: Statement[] = []
const observed = { onStatement: (statement: Statement) => statements.push(statement) }
beforeAll(async () => {
  system = await startSystem({
    env: { REFRESH_TOKEN_TTL_DAYS: '3650', SESSION_MAX_DAYS: '3650' },
    database: observed,
  })
  await system.database.unhurried(fill)
}, 600_000)
afterAll(() => system.close(), 60_000)

/** Accounts with an openid, a phone and a session each; and what merges, deletions and tickets leave behind. */
async function fill(db: Db): Promise<void> {
  if (databaseKind === 'mysql') await sql`set session max_recursive_iterations = 10000000`.execute(db)
  const insert = (table: string, count: number, columns: Record<string, ReturnType<typeof sql>>) => {
    const names = sql.join(Object.keys(columns).map(name => sql.ref(name)))
    const rows = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})
      select ${sql.join(Object.values(columns))} from n`
    return sql`insert into ${sql.table(table)} (${names}) ${rows}`.execute(db)
  }
  const account = sql`concat('a-', i)`
  const at = sql`1700000000000 + i`
  await insert('accounts', accountCount, {
    ...{ id: account, nickname: sql`'n'`, avatar: sql`'/a'`, status: sql`'active'` },
    ...{ created_at: at, last_seen_at: at },
    merged_into: sql`case when i % 100 = 0 then concat('a-', i - 1) end`,
  })
  await insert('identities', accountCount, {
    ...{ id: sql`concat('io-', i)`, kind: sql`'openid'`, scope: sql.lit(appA.appid), subject: sql`concat('o-', i)` },
    ...{ account_id: account, created_at: at },
  })
  await insert('identities', accountCount, {
    ...{
      id: sql`concat('ip-', i)`,
      kind: sql`'phone'`,
      scope: sql`''`,
      subject: sql`concat('p-', i)`,
      sealed: sql`'x'`,
    },
    ...{ account_id: account, phone_of: account, created_at: at },
  })
  await insert('sessions', accountCount, {
    ...{ id: sql`concat('s-', i)`, account_id: account, appid: sql.lit(appA.appid), generation: sql`1` },
    ...{ rotated_at: at, created_at: at, last_seen_at: at, expires_at: sql`1900000000000 + i` },
    ...{ login_key: sql`concat('k-', i)`, login_codes: sql`'c'`, login_outcome: sql`'existing'` },
  })
  await insert('merges', recordCount, {
    ...{ id: sql`concat('m-', i)`, survivor_id: account, loser_id: sql`concat('a-', i + 1)`, rule: sql`'R2a'` },
    ...{ moved: sql`'{}'`, created_at: at },
  })
  await insert('spent_tickets', recordCount, { id: sql`concat('t-', i)`, expires_at: at })
  await insert('audit', recordCount, {
    ...{ id: sql`concat('u-', i)`, at, action: sql`'account.created'`, account_id: account, actor: sql`'user'` },
    detail: sql`'{}'`,
  })
  await insert('outbox', recordCount, {
    ...{ id: sql`concat('e-', i)`, type: sql`'account.created'`, account_id: account, payload: sql`'{}'` },
    ...{ created_at: at, delivered_at: at },
  })
  await insert('avatars', recordCount, { name: sql`concat('v-', i)`, account_id: account })
  const tables = ['accounts', 'identities', 'sessions', 'merges', 'spent_tickets', 'audit', 'outbox', 'avatars']
  if (databaseKind === 'mysql') await sql`analyze table ${sql.join(tables.map(table => sql.table(table)))}`.execute(db)
  else for (const table of tables) await sql`analyze ${sql.table(table)}`.execute(db)
}

/** The tables that a statement would read through, as the database says. */
async function scannedTables({ sql: text, parameters }: Statement): Promise<string[]> {
  const explain = { sqlite: 'explain query plan', postgres: 'explain (format json)', mysql: 'explain' }[databaseKind]
  // A plan only: nothing is carried out, but a handle that may write is needed to ask.
  const { rows } = await system.database.unhurried(db =>
    db.executeQuery<Record<string, unknown>>(CompiledQuery.raw(`${explain} ${text}`, [...parameters])),
  )
  switch (databaseKind) {
    case 'sqlite':
      return rows.flatMap(({ detail }) => /^SCAN (\w+)/.exec(String(detail))?.[1] ?? [])
    case 'mysql':
      return rows.flatMap(({ type, table }) => (type === 'ALL' || type === 'index' ? String(table) : []))
    case 'postgres':
      return rows.flatMap(row => seqScans(row['QUERY PLAN']))
  }
}

function seqScans(plan: unknown): string[] {
  if (typeof plan !== 'object' || plan === null) return []
  const found = Object.values(plan).flatMap(seqScans)
  const node = plan as { 'Node Type'?: string; 'Relation Name'?: string }
  return node['Node Type'] === 'Seq Scan' ? [...found, node['Relation Name'] ?? ''] : found
}

/** Does something through the service, and asks the database how it would carry out each statement of it. */
async function expectIndexes(work: () => Promise<unknown>): Promise<void> {
  statements.length = 0
  await work()
  const distinct = new Map(statements.map(statement => [statement.sql, statement]))
  // A row that is inserted is looked for nowhere.
  const explained = [...distinct.values()].filter(
    ({ sql }) => /^(select|insert|update|delete)\b/.test(sql) && !/^insert .* values /.test(sql),
  )
  expect(explained.length).toBeGreaterThan(0)
  for (const statement of explained) {
    const scanned = (await scannedTables(statement)).filter(table => isOurs(table) && !small.includes(table))
    expect(scanned, statement.sql).toEqual([])
  }
}

/** What is derived within a statement has names of its own. */
function isOurs(table: string): boolean {
  return !['owning', 'survivor', 'given', 'json_each'].includes(table) && !/[<(]/.test(table)
}

describe(`with ${accountCount} accounts every statement finds its rows by an index`, { timeout: 120_000 }, () => {
  it('of a profile whose avatar changes, and of the sweep of pictures', async () => {
    const { accessToken: token } = (await system.person().login()).body.data
    await expectIndexes(() =>
      system.api.request('PATCH', '/me', { token, body: { avatar: 'https://cdn.example.com/a.png' } }),
    )
  })

  it('of a first and of a returning login', async () => {
    const lin = system.person('13611112221')
    await expectIndexes(() => lin.login())
    await expectIndexes(() => lin.login())
    await expectIndexes(() => lin.loginByPhone())
    await expectIndexes(() => lin.loginByPhone())
    await expectIndexes(() => lin.phoneOnly())
  })

  it('of reading a session, refreshing it, listing and ending sessions', async () => {
    const lin = system.person('13611112222')
    const { accessToken, refreshToken } = (await lin.login()).body.data
    await lin.login()
    await expectIndexes(() => system.api.get('/me', accessToken))
    await expectIndexes(() => system.api.request('PATCH', '/me', { token: accessToken, body: { nickname: 'Lin' } }))
    await expectIndexes(() => system.api.post('/token/refresh', { refreshToken }))
    await expectIndexes(() => system.api.get('/me/sessions', accessToken))
    await expectIndexes(() => system.api.post('/logout', { everywhere: true }, { token: accessToken }))
  })

  it('of a merge, its undo and the question that follows, of a bind and of a deletion', async () => {
    const lin = system.person('13611112223')
    const { user } = (await lin.login(appB.appid)).body.data
    await lin.phoneOnly()
    await expectIndexes(() => lin.loginByPhone(appB.appid))
    const database = await openDatabase(system.testDatabase.url, observed)
    const login = await openLogin(system.config, { clock: system.clock, database })
    const [merge] = await login.listMerges({ accountId: user.id })
    await expectIndexes(() => login.undoMerge(merge?.id ?? ''))
    await login.close()
    await database.close()
    let asked = await lin.loginByPhone(appB.appid)
    await expectIndexes(async () => {
      asked = await lin.loginByPhone(appB.appid)
    })
    const choice = { ticket: asked.body.ticket, choice: 'use_phone_account' }
    await expectIndexes(() => system.api.post('/conflicts/resolve', choice))
    const zhao = system.person('13611112224')
    const { accessToken } = (await zhao.login()).body.data
    await expectIndexes(() => zhao.bindPhone(accessToken))
    await expectIndexes(() => system.api.request('DELETE', '/me', { token: accessToken }))
  })
})
