import { startEmulator } from '@mplogin/emulator'
import { parseApps } from '../config/apps.js'
import { ConfigError } from '../config/config-error.js'

const defaultPort = '3001'

/** `mplogin emulator` */
export async function runEmulator(options: { port?: string; host: string; allowRemote?: boolean }): Promise<void> {
  const { WECHAT_APPID, WECHAT_SECRET, WECHAT_APPS, PORT } = process.env
  const apps = parseApps(
    {
      WECHAT_APPID: WECHAT_APPID || undefined,
      WECHAT_SECRET: WECHAT_SECRET || undefined,
      WECHAT_APPS: WECHAT_APPS || undefined,
    },
    false,
  )
  const port = parsePort(options.port === undefined ? 'PORT' : '--port', options.port ?? (PORT || defaultPort))
  const emulator = await startEmulator({
    host: options.host,
    port,
    allowRemote: options.allowRemote ?? false,
    apps: apps.map(app => ({ ...app })),
  })
  const close = () => void emulator.close().then(() => process.exit(0))
  process.on('SIGTERM', close).on('SIGINT', close)
  process.stdout.write(
    [
      `WeChat, emulated, answers at ${emulator.url}`,
      `  apps      ${apps.map(app => app.appid).join(', ')}`,
      `  page      ${emulator.url}/_emulator/`,
      `  control   ${emulator.url}/_emulator`,
      `  server    WECHAT_API_BASE=${emulator.url} mplogin serve`,
      '',
    ].join('\n'),
  )
}

function parsePort(key: string, text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65535) return port
  throw new ConfigError([{ key, found: JSON.stringify(text), expected: 'a port from 0 to 65535' }])
}
