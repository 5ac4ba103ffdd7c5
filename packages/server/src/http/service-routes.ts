import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { LoginError } from '../errors.js'
import type { Login } from '../login/create-login.js'
import type { Metrics } from '../ops/metrics.js'
import { pictureHeaders } from './avatar-routes.js'

/** Seconds that other back ends may cache the published keys: less than the time a key is published before it signs. */
const jwksMaxAgeSeconds = 300

const uploads = fileURLToPath(new URL('../../assets/uploads', import.meta.url))

/** Routes for machines: published keys, health, metrics; and the default avatar. */
export async function addServiceRoutes(
  app: FastifyInstance,
  { login, metrics }: { login: Login; metrics: Metrics },
): Promise<void> {
  app.get(
    '/.well-known/jwks.json',
    { schema: { tags: ['Service'], summary: 'The public keys of access tokens (RFC 7517)' } },
    (_request, reply) => reply.header('cache-control', `public, max-age=${jwksMaxAgeSeconds}`).send(login.jwks()),
  )

  const unlimited = { config: { rateLimit: false }, logLevel: 'warn' } as const

  app.get('/healthz', { ...unlimited, schema: { tags: ['Service'], summary: 'Alive' } }, async () => ({ status: 'ok' }))

  app.get(
    '/readyz',
    { ...unlimited, schema: { tags: ['Service'], summary: 'Database and keys are usable' } },
    async () => {
      try {
        await login.ping()
      } catch (cause) {
        throw new LoginError('SERVICE_UNAVAILABLE', 'the database does not answer', { cause, retryAfterSeconds: 2 })
      }
      return { status: 'ok' }
    },
  )

  app.get(
    '/metrics',
    { ...unlimited, schema: { tags: ['Service'], summary: 'Prometheus text' } },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  )

  await app.register(async pictures => {
    pictures.addHook('onRequest', (_request, reply, done) => {
      reply.headers(pictureHeaders)
      done()
    })
    await pictures.register(fastifyStatic, {
      root: uploads,
      prefix: '/uploads/',
      decorateReply: false,
      maxAge: '7d',
      index: false,
    })
  })
}
