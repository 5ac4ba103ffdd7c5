import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@mplogin/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, createApi } from './support/api.js'
import { listeningUrl, type Running, startCommand } from './support/processes.js'

let directory: string
let emulatorUrl: string
const running: Running[] = []
const start = (args: string[], env: Record<string, string> = {}) => {
  const process = startCommand(args, { cwd: directory, env })
  running.push(process)
  return process
}
const serve = async (env: Record<string, string> = {}) => {
  const process = start(['serve'], { PORT: '0', WECHAT_API_BASE: emulatorUrl, ...env })
  return { process, api: createApi(await listeningUrl(process)) }
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mplogin-processes-'))
  emulatorUrl = await listeningUrl(start(['emulator', '--port', '0']))
})
afterAll(async () => {
  await Promise.all(running.map(process => process.stop()))
  rmSync(directory, { recursive: true, force: true })
})

async function control<T>(path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${emulatorUrl}/_emulator${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}
const createUser = (phone?: string) => control<{ id: string }>('/users', phone === undefined ? {} : { phone })
const loginCode = async (id: string) => (await control<{ code: string }>(`/users/${id}/login-code`)).code

describe('mplogin serve and mplogin emulator as processes', () => {
  it('log a user in over HTTP, and a second server reads the same SQLite file', async () => {
    const { id } = await createUser('13400000001')
    const first = await serve()
    const login = await first.api.login({ code: await loginCode(id) })
    expect(login.body.data).toMatchObject({ outcome: 'created' })

    const second = await serve()
    const { user, accessToken, refreshToken } = login.body.data
    expect((await second.api.get('/me', accessToken)).body.data).toMatchObject({ user: { id: user.id } })
    expect((await second.api.login({ code: await loginCode(id) })).body.data).toMatchObject({
      outcome: 'existing',
      user: { id: user.id },
    })
    expect((await second.api.post('/token/refresh', { refreshToken })).status).toBe(200)

    expect(await first.process.stop()).toBe(0)
    expect(first.process.output()).toContain('"closed"')
    expect((await second.api.get('/readyz')).status).toBe(200)
    await second.process.stop()
  })

  it('50 parallel first logins of one new openid, from 2 processes: one account, 50 sessions, no error', {
    timeout: 60_000,
  }, async () => {
    const { id } = await createUser()
    const servers = await Promise.all([serve(), serve()])
    const codes = await Promise.all(Array.from({ length: 50 }, () => loginCode(id)))
    const answers = await Promise.all(codes.map((code, i) => (servers[i % 2] as { api: Api }).api.login({ code })))
    expect(answers.map(answer => answer.status)).toEqual(Array(50).fill(200))
    const ids = new Set(answers.map(answer => answer.body.data.user.id))
    expect(ids.size).toBe(1)
    expect(answers.filter(answer => answer.body.data.isNewUser)).toHaveLength(1)

    const database = await openDatabase(`sqlite:${join(directory, 'data/mplogin.db')}`)
    const [accountId = ''] = ids
    expect(
      await database.db.selectFrom('sessions').select('id').where('account_id', '=', accountId).execute(),
    ).toHaveLength(50)
    await database.close()
    await Promise.all(servers.map(server => server.process.stop()))
  })

  it('one request that several processes get at the same moment is one login', async () => {
    const { id } = await createUser()
    const servers = await Promise.all([serve(), serve()])
    const code = await loginCode(id)
    const headers = { 'idempotency-key': 'one-tap-of-one-button' }
    const answers = await Promise.all(servers.map(({ api }) => api.login({ code }, { headers })))
    expect(answers.map(answer => answer.status)).toEqual([200, 200])
    expect(new Set(answers.map(answer => answer.body.data.refreshToken)).size).toBe(1)
    await Promise.all(servers.map(server => server.process.stop()))
  })

  it('ten servers that start at once on an empty database migrate it once and sign with one key', {
    timeout: 60_000,
  }, async () => {
    const env = { DATABASE_URL: 'sqlite:./data/fresh.db' }
    const servers = await Promise.all(Array.from({ length: 10 }, () => serve(env)))
    const keys = await Promise.all(
      servers.map(async ({ api }) => JSON.stringify((await api.get('/.well-known/jwks.json')).body)),
    )
    expect(new Set(keys).size).toBe(1)
    await Promise.all(servers.map(server => server.process.stop()))
  })

  it('a request under way is answered before the process ends', async () => {
    const { id } = await createUser()
    const { api, process } = await serve()
    const code = await loginCode(id)
    await control('/faults', { path: '/sns/jscode2session', times: 1, delayMs: 800 })
    const login = api.login({ code })
    await new Promise(resolve => setTimeout(resolve, 200))
    const ended = process.stop()
    expect((await login).status).toBe(200)
    expect(await ended).toBe(0)
  })
})
