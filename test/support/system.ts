import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { type EmulatedApp, startEmulator } from '@mplogin/emulator'
import {
  type AccountHooks,
  createApp,
  createLogger,
  type DatabaseOptions,
  openDatabase,
  readConfig,
} from '@mplogin/server'
import { createApi } from './api.js'
import { createTestClock } from './clock.js'
import { keepOutput } from './collect-output.js'
import { createTestDatabase } from './databases.js'

/** The mini programs of the tests: two of one Open Platform account, one of another owner. */
export const appA: EmulatedApp = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-of-app-a-0123456789abcdef' }
export const appB: EmulatedApp = {
  appid: 'wxbbbbbbbbbbbbbbbb',
  secret: 'secret-of-app-b-0123456789abcdef',
  openPlatform: 'platform',
}
export const appC: EmulatedApp = {
  appid: 'wxcccccccccccccccc',
  secret: 'secret-of-app-c-0123456789abcdef',
  openPlatform: 'platform',
}

/** Settings of the server under test, beside those the system sets. */
export interface SystemOptions {
  readonly env?: Record<string, string>
  /** Where WeChat is, when not the emulator. */
  readonly wechatBase?: string
  /** The server's way to its database, when it is not the direct one. */
  readonly databaseUrl?: (url: string) => string
  /** How the server opens its database. */
  readonly database?: DatabaseOptions
  /** What a host does when accounts change. */
  readonly hooks?: AccountHooks
  /** Towards WeChat. */
  readonly fetch?: typeof globalThis.fetch
}

/**
 * The whole system in one process: the emulator as WeChat, a server on a database of its own (of the kind that this run
 * is about), both on ports chosen by the system and on one clock that the test moves. What the server logs is collected.
 */
export async function startSystem(options: SystemOptions = {}) {
  const { env = {}, wechatBase, databaseUrl: viaUrl, fetch, hooks } = options
  const directory = mkdtempSync(join(tmpdir(), 'mplogin-test-'))
  const { clock, advance } = createTestClock()
  const apps = [appA, appB, appC]
  const emulator = await startEmulator({ port: 0, apps, clock })
  const testDatabase = await createTestDatabase()
  const databaseUrl = testDatabase.url
  const log: string[] = []
  const logger = createLogger(
    'trace',
    new Writable({
      write(line, _encoding, done) {
        log.push(String(line))
        done()
      },
    }),
  )
  const settings = {
    DATABASE_URL: viaUrl?.(databaseUrl) ?? databaseUrl,
    UPLOADS_DIR: join(directory, 'uploads'),
    WECHAT_APPS: JSON.stringify(apps),
    WECHAT_API_BASE: wechatBase ?? emulator.url,
    ...env,
  }
  const config = readConfig({ directory, env: settings })
  const own = options.database && (await openDatabase(settings.DATABASE_URL, options.database))
  const app = await createApp(config, {
    ...{ clock, logger },
    ...(own && { database: own }),
    ...(fetch && { fetch }),
    ...(hooks && { hooks }),
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const api = createApi(url)
  const database = await openDatabase(databaseUrl)

  /** A person with a WeChat, who can open a mini program and tap its buttons. */
  function person(phone?: string, more: { unionid?: string } = {}) {
    const user = emulator.createUser({ ...(phone !== undefined && { phone }), ...more })
    const loginCode = (appid = appA.appid) => emulator.loginCode(user.id, { appid }).code
    const phoneTap = (appid = appA.appid) => emulator.phoneCode(user.id, { appid })
    const phoneCode = (appid = appA.appid) => phoneTap(appid).code
    return {
      user,
      loginCode,
      phoneTap,
      phoneCode,
      login: (appid = appA.appid) => api.login({ code: loginCode(appid), appid }),
      /** As our SDK sends it: both codes. */
      loginByPhone: (appid = appA.appid) =>
        api.loginByPhone({ code: phoneCode(appid), loginCode: loginCode(appid), appid }),
      phoneOnly: (appid = appA.appid) => api.loginByPhone({ code: phoneCode(appid), appid }),
      bindPhone: (token: string, appid = appA.appid) => api.post('/bindPhone', { code: phoneCode(appid) }, { token }),
    }
  }

  /** Ends the server, and leaves its database. */
  async function stop(): Promise<void> {
    await app.close()
    keepOutput('system', log.join(''))
    await own?.close()
    await database.close()
  }

  return {
    url,
    api,
    emulator,
    person,
    advance,
    clock,
    log,
    config,
    database,
    testDatabase,
    whileLocked: testDatabase.whileLocked,
    directory,
    /** The settings of the server. */
    env: settings,
    stop,
    async close(): Promise<void> {
      await stop()
      await emulator.close()
      await testDatabase.drop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export type System = Awaited<ReturnType<typeof startSystem>>
