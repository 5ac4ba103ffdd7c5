import { developmentApp } from '@mplogin/contract'
import { type Emulator, startEmulator } from '@mplogin/emulator'
import type { FastifyInstance } from 'fastify'
import { maskedPhone } from '../accounts/phone-number.js'
import { createApp } from '../app.js'
import type { AppSettings } from '../config/apps.js'
import type { Config } from '../config/read-config.js'
import { createKeyring } from '../keyring.js'
import { createLogger } from '../ops/logger.js'
import { openDatabase } from '../store/database.js'
import { type DemoApp, demoRoutes } from './demo-routes.js'
import { addPeople } from './people.js'

/** The emulator's port, where it is free. */
const emulatorPort = 3001
/** How many ports are tried above one that is taken and that nobody asked for. */
const portsTried = 20

const demoApps: readonly (AppSettings & Pick<DemoApp, 'name'>)[] = [
  { ...developmentApp, openPlatform: 'demo', name: { 'zh-CN': '示例小程序', en: 'Demo mini program' } },
  {
    appid: 'wx5f0e1d2c3b4a6979',
    secret: 'emulator-only-secret-000000000001',
    personal: true,
    name: { 'zh-CN': '个人主体小程序', en: 'Personal-subject app' },
  },
]

/** What `mplogin dev` started. */
export interface Dev {
  readonly url: string
  readonly emulatorUrl: string
  readonly app: FastifyInstance
  readonly logger: ReturnType<typeof createLogger>
}

/**
 * Starts everything for a look, in this process: WeChat (emulated) with its people, the login server, the demo page.
 * Without configured apps two of the demo's are used: an ordinary one, and one of a person.
 */
export async function startDev(config: Config): Promise<Dev> {
  const isConfigured = config.sources.WECHAT_APPID !== 'unset' || config.sources.WECHAT_APPS !== 'unset'
  const apps = isConfigured ? config.apps : demoApps
  const emulator = await startEmulatorOnFreePort(apps)
  addPeople(emulator)
  // The page tells what happens; the terminal stays readable unless asked for more.
  const logger = createLogger(config.sources.LOG_LEVEL === 'default' ? 'warn' : config.values.LOG_LEVEL)
  const devConfig = { ...config, apps, values: { ...config.values, WECHAT_API_BASE: emulator.url } }
  const database = await openDatabase(config.values.DATABASE_URL)
  const app = await createApp(devConfig, { logger, database })
  app.addHook('onClose', async () => {
    await database.close()
    await emulator.close()
  })
  const keyring = createKeyring(config.secrets)
  await app.register(demoRoutes, {
    db: database.db,
    emulatorUrl: emulator.url,
    apps: apps.map(toDemoApp),
    maskPhone: sealed => maskedPhone(keyring, sealed),
  })
  const url = await listenOnFreePort(app, config)
  return { url, emulatorUrl: emulator.url, app, logger }
}

function toDemoApp({ appid, personal = false }: AppSettings): DemoApp {
  const name = demoApps.find(app => app.appid === appid)?.name ?? { 'zh-CN': appid, en: appid }
  return { appid, personal, name }
}

async function startEmulatorOnFreePort(apps: readonly AppSettings[]): Promise<Emulator> {
  const start = (port: number) => startEmulator({ apps: [...apps], port })
  try {
    return await start(emulatorPort)
  } catch (error) {
    if (!isPortTaken(error)) throw error
    return start(0)
  }
}

/** Listens where the settings say; a port that nobody asked for gives way to the next free one. */
async function listenOnFreePort(app: FastifyInstance, { values, sources }: Config): Promise<string> {
  const last = sources.PORT === 'default' ? values.PORT + portsTried : values.PORT
  for (let port = values.PORT; ; port++) {
    try {
      return await app.listen({ host: values.HOST, port })
    } catch (error) {
      if (!isPortTaken(error) || port === last) throw error
    }
  }
}

function isPortTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
}
