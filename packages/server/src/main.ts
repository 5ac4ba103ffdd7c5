import cluster from 'node:cluster'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createApp } from './app.js'
import { secondMs } from './clock.js'
import type { Config } from './config/read-config.js'
import { createLogger } from './ops/logger.js'
import { createMetrics } from './ops/metrics.js'
import { runPrimary } from './workers/primary.js'
import { isOurWorker, leave, onClose, shareMetrics } from './workers/worker.js'

/** Requests under way get this long to finish when the process is asked to end. */
const closeWithinMs = 10 * secondMs

/**
 * The process `mplogin serve`: migrates, listens, and closes gracefully on SIGTERM and SIGINT.
 *
 * @returns the address it listens on
 */
export async function serve(config: Config): Promise<string> {
  const logger = createLogger(config.values.LOG_LEVEL)
  if (!isOurWorker() || cluster.worker?.id === 1) warnOfDevelopment(config, logger)
  const app = await createApp(config, { logger, ...(isOurWorker() && { metrics: createMetrics(shareMetrics) }) })
  closeOnSignals(app, logger)
  return app.listen({ host: config.values.HOST, port: config.values.PORT })
}

/**
 * Runs `mplogin serve` in several processes that share the port, or in this one: also where it is a worker already, of ours
 * or of somebody else's cluster.
 *
 * @returns the exit code when it ends by itself: a primary ends with its workers
 */
export async function serveInWorkers(config: Config, count: number): Promise<number | undefined> {
  if (count > 1 && cluster.isPrimary) return runPrimary(count, createLogger(config.values.LOG_LEVEL))
  await serve(config)
  return undefined
}

/** Closes the app on the first SIGTERM or SIGINT: no new requests, those under way finish, then the connections close. */
export function closeOnSignals(app: FastifyInstance, logger: Logger): void {
  let isClosing = false
  const close = async (cause: object) => {
    isClosing = true
    logger.info(cause, 'closing')
    setTimeout(() => {
      logger.error('requests under way did not finish in time')
      process.exit(1)
    }, closeWithinMs).unref()
    await app.close()
    logger.info('closed')
    leave()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // A terminal's Ctrl+C reaches the workers too, and their primary tells them once more.
      if (isClosing && isOurWorker()) return
      if (isClosing) process.exit(1)
      void close({ signal })
    })
  }
  onClose(() => {
    if (!isClosing) void close({ by: 'primary' })
  })
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
