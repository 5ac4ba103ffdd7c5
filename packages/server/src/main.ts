import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createApp } from './app.js'
import { secondMs } from './clock.js'
import type { Config } from './config/read-config.js'
import { createLogger } from './ops/logger.js'

/** Requests under way get this long to finish when the process is asked to end. */
const closeWithinMs = 10 * secondMs

/**
 * The process `mplogin serve`: migrates, listens, and closes gracefully on SIGTERM and SIGINT.
 *
 * @returns the address it listens on
 */
export async function serve(config: Config): Promise<string> {
  const logger = createLogger(config.values.LOG_LEVEL)
  warnOfDevelopment(config, logger)
  const app = await createApp(config, { logger })
  closeOnSignals(app, logger)
  return app.listen({ host: config.values.HOST, port: config.values.PORT })
}

/** Closes the app on the first SIGTERM or SIGINT: no new requests, those under way finish, then the connections close. */
export function closeOnSignals(app: FastifyInstance, logger: Logger): void {
  let isClosing = false
  const close = async (signal: NodeJS.Signals) => {
    if (isClosing) process.exit(1)
    isClosing = true
    logger.info({ signal }, 'closing')
    setTimeout(() => {
      logger.error('requests under way did not finish in time')
      process.exit(1)
    }, closeWithinMs).unref()
    await app.close()
    logger.info('closed')
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void close(signal))
}

/** What is fit for development only says so, once. */
function warnOfDevelopment({ isProduction, sources, apps }: Config, logger: Logger): void {
  if (isProduction) return
  const generated =
    sources.MPLOGIN_SECRET === 'generated' ? ' MPLOGIN_SECRET is one made for this machine, in ./data.' : ''
  const appid =
    sources.WECHAT_APPID === 'unset' && sources.WECHAT_APPS === 'unset'
      ? ` The app is the emulator's, ${apps[0]?.appid}.`
      : ''
  logger.warn(`development mode.${generated}${appid} Set NODE_ENV=production for real use.`)
}
