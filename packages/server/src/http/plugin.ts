import rateLimit from '@fastify/rate-limit'
import { Failure, routes } from '@mplogin/contract'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import { LoginError } from '../errors.js'
import type { Login } from '../login/create-login.js'
import { createMetrics, type Metrics } from '../ops/metrics.js'
import { version } from '../version.js'
import { addAccountRoutes } from './account-routes.js'
import { addApiDocs } from './api-docs.js'
import { addAvatarRoutes } from './avatar-routes.js'
import { sendFailure } from './failures.js'
import { parseJsonBodies } from './json-body.js'
import { addLoginRoutes } from './login-routes.js'
import { addPushRoutes } from './push-routes.js'
import { addServiceRoutes } from './service-routes.js'
import { validatorCompiler } from './validator.js'

/** Options of the plugin. */
export interface LoginPluginOptions {
  readonly login: Login
  /** Requests an address may make in a minute; 0 switches the limit off. Default 6000. */
  readonly rateLimitPerMinute?: number
  /** Shares the counts of the limit between instances. */
  readonly redis?: Redis | undefined
  readonly metrics?: Metrics
}

/** Thousands of phones share one address of a mobile carrier, so the limit stops floods, not people. */
export const defaultRateLimitPerMinute = 6000

/**
 * The login service as a Fastify plugin: `app.register(loginPlugin, { login, prefix: '/auth' })`. Encapsulated: its
 * parsers, error answers and limits are those of its own routes only.
 */
export const loginPlugin: FastifyPluginAsync<LoginPluginOptions> = async (app, options) => {
  const { login, rateLimitPerMinute = defaultRateLimitPerMinute, redis, metrics = createMetrics() } = options
  parseJsonBodies(app)
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendFailure)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('preValidation', completeBody)
  app.addSchema(Failure)
  await limitRate(app, rateLimitPerMinute, redis)
  await addApiDocs(app, version)
  app.setNotFoundHandler({ preHandler: rateLimitPerMinute > 0 ? [app.rateLimit()] : [] }, request => {
    throw new LoginError('NOT_FOUND', `no route ${request.method}`)
  })
  addLoginRoutes(app, { login, metrics })
  addAccountRoutes(app, login)
  await addAvatarRoutes(app, login)
  await addPushRoutes(app, login)
  await addServiceRoutes(app, { login, metrics })
}

async function limitRate(app: FastifyInstance, perMinute: number, redis: Redis | undefined): Promise<void> {
  if (perMinute === 0) return
  await app.register(rateLimit, {
    max: perMinute,
    timeWindow: 60_000,
    // What an address shared by thousands has left is nothing a phone could act on; a refusal says when to try again.
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
    // Without Redis for a moment, the limit is not worth an outage.
    ...(redis && { redis, nameSpace: 'mplogin-rate-', skipOnError: true }),
    errorResponseBuilder: (_request, { ttl }) =>
      new LoginError('RATE_LIMITED', 'the address made too many requests', {
        retryAfterSeconds: Math.max(1, Math.ceil(ttl / 1000)),
      }),
  })
}

/** An absent body is an empty one; the login code may come as a query parameter, as the article's server read it. */
function completeBody(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    request.body ??= {}
    const { code, appid } = request.query as Record<string, unknown>
    const body = request.body as Record<string, unknown>
    if (code !== undefined && body.code === undefined && request.routeOptions.url?.endsWith(routes.login.path)) {
      request.body = { ...(appid !== undefined && { appid }), ...body, code }
    }
  }
  done()
}
