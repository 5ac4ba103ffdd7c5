import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import cors from '@fastify/cors'
import { createPushReader, createWechat } from '@mplogin/wechat'
import Fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify'
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import type { AccountHooks } from './accounts/hooks.js'
import { rememberPlatforms } from './accounts/platforms.js'
import { openStorage } from './avatars/storage.js'
import { type Clock, secondMs, systemClock } from './clock.js'
import type { Config } from './config/read-config.js'
import { sendFailure } from './http/failures.js'
import { loginPlugin } from './http/plugin.js'
import { createRequestLog } from './http/request-log.js'
import { addSecurityHeaders } from './http/security-headers.js'
import { createKeyring } from './keyring.js'
import { createLogin, type Login } from './login/create-login.js'
import { followCurrentSecret, openCurrentSecret } from './ops/current-secret.js'
import { startHousekeeping, sweep } from './ops/housekeeping.js'
import { createLogger } from './ops/logger.js'
import { createMetrics, type Metrics } from './ops/metrics.js'
import { createSharedTokens } from './ops/shared-tokens.js'
import { keyPolicyOf } from './sessions/key-policy.js'
import { openSigningKeys } from './sessions/signing-keys.js'
import { type Database, openDatabase } from './store/database.js'
import { migrate } from './store/migrate.js'

/** A client that takes longer to send its request is not a phone on a bad network any more. */
const requestTimeoutMs = 30 * secondMs

/** Parts that a host or a test may put in place of the defaults. */
export interface AppParts {
  readonly clock?: Clock
  /** Opened, and closed, by whoever passes it; DATABASE_URL is then not looked at. */
  readonly database?: Database
  /** Towards WeChat; a keep-alive pool by default. */
  readonly fetch?: typeof globalThis.fetch
  readonly logger?: Logger
  readonly metrics?: Metrics
  /** What the host does in the transactions that change accounts. */
  readonly hooks?: AccountHooks
}

/** The login service with its connections open. */
export type OpenLogin = Login & {
  /** Closes the database and the connections to WeChat. */
  close(): Promise<void>
}

/**
 * Opens everything the settings name (the database is migrated under a lock first) and joins the use cases.
 *
 * @throws MigrationError · SecretError · TypeError for settings that cannot be used
 */
export async function openLogin(config: Config, parts: AppParts = {}): Promise<OpenLogin> {
  const { values } = config
  const { clock = systemClock, fetch, metrics, logger, hooks } = parts
  const database = parts.database ?? (await openDatabase(values.DATABASE_URL))
  const closeDatabase = async () => (parts.database ? undefined : database.close())
  try {
    await migrate(database)
    const keyring = createKeyring(config.secrets)
    await openCurrentSecret(database, keyring, clock())
    if (keyring.currentId() !== keyring.firstId) {
      logger?.warn('MPLOGIN_SECRET names a new secret: when all instances do, run `mplogin keys reencrypt`')
    }
    const onError = (err: unknown) => logger?.warn({ err }, 'the signing keys cannot be looked at')
    const keys = await openSigningKeys({ database, keyring, clock, policy: keyPolicyOf(values), onError })
    const platforms = await rememberPlatforms(database, config.apps, clock())
    const tokenStore = createSharedTokens({ database, keyring, clock })
    const warnOfCertificate = (serial: string) =>
      logger?.warn({ serial }, 'WeChat is replacing its platform certificate: add the new one to WECHAT_APPS')
    const apps = config.apps.map(({ appid, secret, security, pushToken, encodingAesKey }) => ({
      appid,
      ...platforms.of(appid),
      ...(pushToken !== undefined && {
        push: createPushReader({ appid, token: pushToken, encodingAesKey, clock }),
      }),
      wechat: createWechat({
        appid,
        secret,
        apiBase: values.WECHAT_API_BASE,
        tokenMode: values.WECHAT_TOKEN_MODE,
        tokenStore,
        ...(security && { security: { ...security, onDeprecatedCertificate: warnOfCertificate } }),
        checkPhoneOwner: values.WECHAT_CHECK_PHONE_OWNER === 'on',
        clock,
        ...(fetch && { fetch }),
        ...(metrics && { onCall: metrics.observeWechatCall, onTokenChange: metrics.countTokenChange }),
      }),
    }))
    const login = createLogin({
      database,
      keyring,
      keys,
      apps,
      clock,
      ...(hooks && { hooks }),
      avatarStorage: openStorage(config.avatarPlace),
      onError: err => logger?.warn({ err }, 'an avatar that is not needed any more cannot be removed'),
      trustCloudHeaders: values.WECHAT_CLOUD === 'on',
      mergeUndoDays: values.MERGE_UNDO_DAYS,
      linkPolicy: {
        merge: values.MERGE,
        mergeSurvivor: values.MERGE_SURVIVOR,
        phoneChange: values.PHONE_CHANGE,
        secondWechat: values.SECOND_WECHAT,
        phoneRecycleDays: values.PHONE_RECYCLE_DAYS,
      },
      sessionPolicy: {
        refreshTtlDays: values.REFRESH_TOKEN_TTL_DAYS,
        maxDays: values.SESSION_MAX_DAYS,
        perAccount: values.SESSIONS_PER_ACCOUNT,
      },
      tokens: { issuer: values.ISSUER, audience: values.AUDIENCE, accessTtlSeconds: values.ACCESS_TOKEN_TTL_SECONDS },
    })
    const works = [() => sweep(database, clock()), () => login.sweepAvatars()]
    if (values.WECHAT_CLOUD === 'on') {
      logger?.warn('WECHAT_CLOUD is on: whoever reaches this server but through WeChat can log in as anyone')
    }
    for (const { appid, pushToken, encodingAesKey } of config.apps) {
      if (pushToken === undefined || encodingAesKey !== undefined) continue
      logger?.warn(
        { appid },
        'pushes of WeChat are not encrypted, and can be forged by who has seen one: set the EncodingAESKey',
      )
    }
    const stopHousekeeping = startHousekeeping(works, err => logger?.warn({ err }, 'housekeeping failed'))
    const stopFollowing = followCurrentSecret(database, keyring, err => logger?.error({ err }, 'the secret'))
    return {
      ...login,
      async close() {
        stopHousekeeping()
        stopFollowing()
        keys.close()
        login.stopSweepingAvatars()
        await Promise.all(apps.map(app => app.wechat.close()))
        await closeDatabase()
      },
    }
  } catch (error) {
    await closeDatabase()
    throw error
  }
}

/**
 * The whole service as a Fastify app that does not listen yet; closing it closes everything it opened.
 *
 * @throws as openLogin
 */
export async function createApp(config: Config, parts: AppParts = {}): Promise<FastifyInstance> {
  const { values } = config
  const logger = parts.logger ?? createLogger(values.LOG_LEVEL)
  const metrics = parts.metrics ?? createMetrics()
  const login = await openLogin(config, { ...parts, logger, metrics })
  const redis = values.REDIS_URL === undefined ? undefined : await connectRedis(values.REDIS_URL, logger)
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: createRequestLog,
    genReqId: () => randomUUID(),
    trustProxy: parseTrustProxy(values.TRUST_PROXY),
    forceCloseConnections: 'idle',
    requestTimeout: requestTimeoutMs,
    frameworkErrors: (error, request, reply) => void sendFailure(error, request, reply),
  }) as unknown as FastifyInstance
  app.addHook('onClose', async () => {
    redis?.disconnect()
    await login.close()
  })
  observeRequests(app, logger, metrics)
  endConnectionsWhenClosing(app)
  app.setErrorHandler(sendFailure)
  addSecurityHeaders(app)
  if (values.CORS_ORIGINS !== undefined) {
    const methods = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE']
    // Pages see few headers unless told; this one says when to try again.
    const exposedHeaders = ['Retry-After']
    await app.register(cors, { origin: parseOrigins(values.CORS_ORIGINS), methods, exposedHeaders })
  }
  await app.register(loginPlugin, { login, metrics, redis, rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE })
  return app
}

/** One line (but for probes) and one observation for each answered request: the route, never the URL, which may carry a code. */
function observeRequests(app: FastifyInstance, logger: Logger, metrics: Metrics): void {
  // What is told of a request is a handful of fields that hold no secret: looking for some in each line costs more than the line.
  const log = logger.child({}, { redact: [] })
  app.addHook('onResponse', (request, reply, done) => {
    // Made anew whenever it is asked for.
    const { url: route = '(none)', logLevel } = request.routeOptions
    const { method } = request
    const { statusCode: status, elapsedTime } = reply
    metrics.observeRequest({ method, route, status }, elapsedTime)
    if (logLevel !== 'warn') {
      log.info({ requestId: request.id, method, route, status, ms: Math.round(elapsedTime) }, 'answered')
    }
    done()
  })
}

/**
 * A kept-alive connection whose request is still under way at the close would hold the process until it times out; so would
 * one that was opened ahead and never asked anything (browsers do that), which to Node is not idle.
 */
function endConnectionsWhenClosing(app: FastifyInstance): void {
  let isClosing = false
  const connections = new Set<Socket>()
  app.server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  app.addHook('preClose', async () => {
    isClosing = true
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close')
    done()
  })
}

/** Waits for the connection, so that the first requests count too; without one the service starts all the same. */
async function connectRedis(url: string, logger: Logger): Promise<Redis> {
  const { Redis } = await import('ioredis')
  const redis = new Redis(url, {
    connectTimeout: 500,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    lazyConnect: true,
  })
  redis.on('error', err => logger.warn({ err }, 'redis'))
  await redis
    .connect()
    .catch(() => logger.warn('redis is out of reach: each instance counts for itself until it is back'))
  return redis
}

function parseTrustProxy(text: string): NonNullable<FastifyServerOptions['trustProxy']> {
  if (text === 'on') return true
  if (text === 'off') return false
  if (!/^\d+$/.test(text)) return text.split(',').map(address => address.trim())
  const proxies = Number(text)
  return (_address, hop) => hop < proxies
}

function parseOrigins(text: string): string | string[] {
  return text === '*' ? '*' : text.split(',').map(origin => origin.trim())
}
