import { execFileSync } from 'node:child_process'
import { openDatabase } from '@mplogin/server'
import { sql } from 'kysely'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { Answer } from '../support/api.js'
import { administer, connect, databaseKind, servers } from '../support/databases.js'
import { type Fleet, startFleet } from '../support/fleet.js'
import { mountSmallDisk, type SmallDisk } from '../support/full-disk.js'
import { brokenInvariants } from '../support/invariants.js'
import { startPrivateMariadb } from '../support/private-mariadb.js'
import { startProxy } from '../support/proxy.js'
import { type System, startSystem } from '../support/system.js'

let system: System
const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

const kind = databaseKind as keyof typeof servers
const isServer = databaseKind !== 'sqlite'
const port = databaseKind === 'postgres' ? 5432 : 3306

async function start(options: Parameters<typeof startSystem>[0] = {}) {
  system = await startSystem(options)
  cleanUps.push(() => system.close())
  return system
}

/** A system whose way to its database server can be broken. */
async function startBehindProxy(parameters: string) {
  const proxy = await startProxy(port)
  cleanUps.push(() => proxy.close())
  await start({
    databaseUrl: url => url.replace(`:${port}/`, `:${proxy.port}/`).replace(/\?.*/, `?${parameters}`),
  })
  return proxy
}

function expectUnavailable(answer: Answer<unknown>) {
  expect([answer.status, answer.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE'])
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
}

/** Asks until it succeeds, as a client that heeds Retry-After would. */
async function expectHealed(ask: () => Promise<Answer<unknown>>) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const answer = await ask()
    if (answer.status === 200) return
    expectUnavailable(answer)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error('it did not heal')
}

describe.runIf(isServer)('a database server', { timeout: 60_000 }, () => {
  it('that cuts every connection, as when it restarts, is found again', async () => {
    await start()
    const lin = system.person('13700100001')
    await Promise.all(Array.from({ length: 12 }, () => lin.login()))
    const name = /\/(\w+)\?/.exec(system.testDatabase.url)?.[1] ?? ''
    if (kind === 'postgres') {
      await administer(kind, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
    } else {
      const connection = await connect(kind, servers.mysql)
      const rows = (await connection.query(`select id from information_schema.processlist where db = '${name}'`)) as {
        id: number
      }[]
      for (const { id } of rows) await connection.query(`kill ${id}`)
      await connection.end()
    }
    await expectHealed(() => lin.login())
    await expectHealed(() => lin.loginByPhone())
  })

  it('that breaks off in the middle of a statement, or of a transaction, ends that and nothing else', async () => {
    const proxy = await startBehindProxy('connect_timeout=1&query_timeout=5')
    const database = await openDatabase(system.config.values.DATABASE_URL)
    cleanUps.push(() => database.close())
    const sleep = kind === 'postgres' ? sql`select pg_sleep(2)` : sql`select sleep(2)`
    const broken: unknown[] = []
    const during = database.transact(tx => sleep.execute(tx)).catch(error => broken.push(error))
    const between = database
      .transact(async tx => {
        await sql`select 1`.execute(tx)
        await new Promise(resolve => setTimeout(resolve, 500))
        await sql`select 1`.execute(tx)
      })
      .catch(error => broken.push(error))
    await new Promise(resolve => setTimeout(resolve, 250))
    proxy.cut()
    await Promise.all([during, between])
    expect(broken).toMatchObject([{ name: 'DatabaseUnavailableError' }, { name: 'DatabaseUnavailableError' }])
    await database.ping()
    await expectHealed(() => system.person('13700100009').login())
  })

  it('that is gone answers 503, alive but not ready; the service heals by itself', async () => {
    const proxy = await startBehindProxy('connect_timeout=1&query_timeout=1')
    const lin = system.person('13700100002')
    const { accessToken } = (await lin.loginByPhone()).body.data
    proxy.refuse()
    for (const answer of await Promise.all([lin.login(), lin.loginByPhone(), system.api.get('/me', accessToken)]))
      expectUnavailable(answer)
    expect((await system.api.get('/healthz')).status).toBe(200)
    expect((await system.api.get('/readyz')).status).toBe(503)
    proxy.pass()
    await expectHealed(() => lin.login())
    expect((await system.api.get('/readyz')).status).toBe(200)
  })

  it('that falls silent is given up within the time limits', async () => {
    const proxy = await startBehindProxy('connect_timeout=1&query_timeout=1')
    const lin = system.person('13700100003')
    await lin.loginByPhone()
    proxy.silence()
    const startedAt = performance.now()
    for (const answer of await Promise.all([lin.login(), lin.login(), lin.loginByPhone()])) expectUnavailable(answer)
    expect(performance.now() - startedAt).toBeLessThan(8000)
    proxy.pass()
    proxy.cut()
    await expectHealed(() => lin.login())
  })

  it('whose connections are all taken refuses the rest, and serves again when they are free', async () => {
    const lin = await start({
      databaseUrl: url => url.replace(/\?.*/, '?pool_size=2&connect_timeout=1&query_timeout=5'),
    })
    const person = lin.person('13700100004')
    await person.loginByPhone()
    const answers = await system.whileLocked(() => Promise.all(Array.from({ length: 8 }, () => person.login())))
    for (const answer of answers) expectUnavailable(answer)
    await expectHealed(() => person.login())
  })

  it('that takes no writes answers reads; logins are 503 until it takes them again', async () => {
    const user = `mplogin_test_${process.pid}`
    if (kind === 'mysql') {
      // MariaDB lets its administrator write all the same: another user is needed.
      await administer(kind, `create user ${user}@'127.0.0.1' identified by 'of-tests'`)
      cleanUps.push(() => administer('mysql', `drop user ${user}@'127.0.0.1'`))
      const rights = 'select, insert, update, delete, create, alter, index, references, drop'
      await administer(kind, `grant ${rights} on *.* to ${user}@'127.0.0.1'`)
    }
    await start(kind === 'mysql' ? { databaseUrl: url => url.replace('root@', `${user}:of-tests@`) } : {})
    const name = /\/(\w+)\?/.exec(system.testDatabase.url)?.[1] ?? ''
    const readOnly = async (isOn: boolean) => {
      if (kind === 'mysql') return administer('mysql', `set global read_only = ${isOn ? 1 : 0}`)
      await administer('postgres', `alter database ${name} set default_transaction_read_only = ${isOn ? 'on' : 'off'}`)
      if (isOn)
        await administer('postgres', `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
    }
    const lin = system.person('13700100005')
    const { accessToken } = (await lin.loginByPhone()).body.data
    try {
      await readOnly(true)
      await expectHealed(() => system.api.get('/me', accessToken))
      expectUnavailable(await lin.login())
      expectUnavailable(await lin.loginByPhone())
    } finally {
      await readOnly(false)
    }
    await expectHealed(() => lin.login())
  })
})

const disk = isServer ? mountSmallDisk(kind === 'mysql' ? 256 : 24) : undefined
afterAll(() => disk?.remove())

/** A database of the kind of this run whose files are on the small disk. */
async function createOn({ path }: SmallDisk): Promise<string> {
  if (kind === 'mysql') {
    const server = await startPrivateMariadb(path)
    cleanUps.push(() => server.stop())
    return server.url
  }
  execFileSync('chown', ['postgres', path])
  const name = `mplogin_test_${process.pid}`
  await administer(kind, `create tablespace ${name} location '${path}'`)
  await administer(kind, `create database ${name} tablespace ${name}`)
  cleanUps.push(async () => {
    await administer(kind, `drop database ${name} with (force)`)
    await administer(kind, `drop tablespace ${name}`)
  })
  return servers.postgres.replace(/\w+$/, name)
}

describe.runIf(disk)('a database server whose disk is full', { timeout: 120_000 }, () => {
  it('answers 503 to what must be written; nothing is half-done, and the service heals when there is room', async () => {
    if (!disk) throw new Error('there is no disk')
    const url = await createOn(disk)
    await start({ databaseUrl: () => url })
    const lin = system.person('13700100007')
    const { accessToken } = (await lin.loginByPhone()).body.data
    disk.fill()
    let refused: Answer<unknown> | undefined
    for (let i = 0; i < 200 && !refused; i++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => system.person().login()))
      refused = answers.find(answer => answer.status !== 200)
    }
    if (!refused) throw new Error('the disk was never full')
    expectUnavailable(refused)
    expect((await system.api.get('/me', accessToken)).status).toBe(200)
    disk.free()
    await expectHealed(() => system.person().login())
    await expectHealed(() => lin.loginByPhone())
    const database = await openDatabase(url)
    expect(await brokenInvariants(database)).toEqual([])
    await database.close()
  })
})

describe.runIf(databaseKind === 'sqlite')('a disk that is full', { timeout: 60_000 }, () => {
  it('answers 503 and loses nothing; the service heals when there is room again', async () => {
    const fleet: Fleet = await startFleet(1)
    cleanUps.push(() => fleet.close())
    const [server] = fleet.servers
    const pid = String(server?.process.child.pid)
    const lin = fleet.person('13700100006')
    const first = await fleet.api().loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })
    expect(first.status).toBe(200)
    // No file of the process may grow beyond what the write-ahead log has by now.
    execFileSync('prlimit', ['--pid', pid, '--fsize=4096:unlimited'])
    const body = { code: lin.phoneCode(), loginCode: lin.loginCode() }
    expectUnavailable(await fleet.api().loginByPhone(body))
    const me = await fleet.api().get('/me', first.body.data.accessToken)
    expect(me.status).toBe(200)
    execFileSync('prlimit', ['--pid', pid, '--fsize=unlimited:unlimited'])
    await expectHealed(() => fleet.api().loginByPhone(body))
    expect((await fleet.run('migrate')).code).toBe(0)
  })
})

describe('several processes on an empty database', { timeout: 60_000 }, () => {
  it('ten at once migrate it once', async () => {
    const fleet = await startFleet(0)
    cleanUps.push(() => fleet.close())
    const results = await Promise.all(Array.from({ length: 10 }, () => fleet.run('migrate')))
    expect(results.map(result => result.code)).toEqual(Array(10).fill(0))
    const outputs = results.map(result => result.output.trim()).sort()
    const applied = expect.stringMatching(/^(Applied \d{4}-[\w-]+\.\n?)+$/)
    expect(outputs).toEqual([applied, ...Array(9).fill('The schema is up to date.')])
  })
})

// The addresses name their databases: once is enough.
describe.runIf(databaseKind === 'sqlite')('a database that cannot be reached', { timeout: 60_000 }, () => {
  it.each([
    ['postgres://postgres@127.0.0.1:1/x?connect_timeout=1', /PostgreSQL does not answer.*ECONNREFUSED/],
    ['mysql://root@127.0.0.1:1/x?connect_timeout=1', /MySQL does not answer.*ECONNREFUSED/],
    ['postgres://nobody:of-tests@127.0.0.1:5432/x', /nobody|"x"/],
    ['mysql://nobody:of-tests@127.0.0.1:3306/x', /nobody/],
    ['postgres://postgres@127.0.0.1:5432/there_is_none', /there_is_none/],
    ['postgres://postgres@127.0.0.1:5432/postgres?sslmode=verify-full&sslrootcert=/nowhere.pem', /sslrootcert.*ENOENT/],
  ])('ends the start with the reason: %s', async (DATABASE_URL, reason) => {
    const fleet = await startFleet(0, { DATABASE_URL })
    cleanUps.push(() => fleet.close())
    const { code, output } = await fleet.run('serve')
    expect(code).toBe(1)
    expect(output).toMatch(reason)
    expect(output).not.toContain('of-tests')
    expect(output).not.toMatch(/\n\s+at /)
  })
})
