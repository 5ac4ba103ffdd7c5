import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmulator } from '@mplogin/emulator'
import { openDatabase } from '@mplogin/server'
import { type Api, createApi } from './api.js'
import { createTestDatabase } from './databases.js'
import { listeningUrl, type Running, runCommand, startCommand } from './processes.js'
import { appA, appB, appC } from './system.js'

/** Several `mplogin serve` processes on one database, with one emulator as WeChat. */
export async function startFleet(size: number, more: Record<string, string> = {}) {
  const testDatabase = await createTestDatabase()
  const cwd = mkdtempSync(join(tmpdir(), 'mplogin-fleet-'))
  const apps = [appA, appB, appC].map(app => ({ ...app, phoneQuota: 1_000_000 }))
  const emulator = await startEmulator({ port: 0, apps })
  const env = {
    DATABASE_URL: testDatabase.url,
    MPLOGIN_SECRET: randomBytes(32).toString('base64'),
    WECHAT_APPS: JSON.stringify([appA, appB, appC]),
    WECHAT_API_BASE: emulator.url,
    RATE_LIMIT_PER_MINUTE: '0',
    LOG_LEVEL: 'warn',
    PORT: '0',
    ...more,
  }
  const running = new Set<Running>()

  /** Starts one more server, with other settings where they are given. */
  async function serve(other: Record<string, string> = {}): Promise<{ process: Running; api: Api }> {
    const process = startCommand(['serve'], { cwd, env: { ...env, LOG_LEVEL: 'info', ...other } })
    running.add(process)
    return { process, api: createApi(await listeningUrl(process)) }
  }

  const servers = await Promise.all(Array.from({ length: size }, () => serve()))
  const database = await openDatabase(testDatabase.url)
  let turn = 0

  /** A WeChat account with openids of its own, on any phone. */
  function person(phone?: string, more: { openid?: string; unionid?: string; appid?: string } = {}) {
    const user = emulator.createUser({ ...(phone !== undefined && { phone }), ...more })
    const appid = more.appid ?? appA.appid
    return {
      user,
      loginCode: () => emulator.loginCode(user.id, { appid }).code,
      phoneCode: () => emulator.phoneCode(user.id, { appid }).code,
    }
  }

  return {
    env,
    cwd,
    emulator,
    servers,
    serve,
    database,
    testDatabase,
    person,
    /** The servers in turn. */
    api: () => (servers[turn++ % servers.length] as { api: Api }).api,
    run: (...args: string[]) => runCommand(args, { cwd, env }),
    /** Runs a command with other settings. */
    runWith: (other: Record<string, string>, ...args: string[]) => runCommand(args, { cwd, env: { ...env, ...other } }),
    async close(): Promise<void> {
      await Promise.all([...running].map(process => process.stop()))
      await database.close()
      await emulator.close()
      await testDatabase.drop()
      rmSync(cwd, { recursive: true, force: true })
    },
  }
}

export type Fleet = Awaited<ReturnType<typeof startFleet>>
