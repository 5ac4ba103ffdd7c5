import multipart from '@fastify/multipart'
import { maxAvatarBytes } from '@mplogin/contract'
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { minuteMs } from '../clock.js'
import { LoginError } from '../errors.js'
import type { Login } from '../login/create-login.js'
import { contextOf } from './context.js'
import { callerOf, defineRoute } from './define-route.js'

/** A page of another origin (H5) may show the picture. Nothing in it runs, whatever a browser takes it for. */
export const pictureHeaders = {
  'cross-origin-resource-policy': 'cross-origin',
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
}

const PictureParams = Type.Object({ name: Type.String({ pattern: '^[0-9a-f-]{36}\\.jpg$' }) })

/** A picture never changes under its name; a day bounds how long a removed one stays in caches. */
const pictureCaching = 'public, max-age=86400, immutable'

/** Uploads that an account may make in a minute: each costs some 20 ms of a core. */
const uploadsPerMinute = 10

/** The upload of an avatar, and the uploaded pictures. */
export async function addAvatarRoutes(app: FastifyInstance, login: Login): Promise<void> {
  await app.register(async scope => {
    await scope.register(multipart, { limits: { fileSize: maxAvatarBytes, files: 1, fields: 10, fieldSize: 1024 } })
    const assertMayUpload = limitUploads(app)
    defineRoute(scope, login, 'uploadAvatar', 'saved', async ({ request }) => {
      await assertMayUpload(request)
      return login.uploadAvatar(callerOf(request), await readFile(request), contextOf(request))
    })
  })

  app.get(
    '/uploads/avatars/:name',
    { schema: { tags: ['Service'], summary: 'An uploaded avatar', params: PictureParams } },
    async (request, reply) => {
      const picture = await login.readAvatar((request.params as { name: string }).name)
      if (!picture) throw new LoginError('NOT_FOUND', 'no such picture')
      return reply.headers(pictureHeaders).header('cache-control', pictureCaching).type('image/jpeg').send(picture)
    },
  )
}

const expectedFile = { path: '/avatar', message: 'expected a file, as multipart/form-data' }

/** Where the rate limit is on, uploads are counted by account too. */
function limitUploads(app: FastifyInstance): (request: FastifyRequest) => Promise<void> {
  if (!app.hasDecorator('createRateLimit')) return async () => undefined
  const count = app.createRateLimit({
    max: uploadsPerMinute,
    timeWindow: minuteMs,
    keyGenerator: request => `avatar ${callerOf(request).accountId}`,
  })
  return async request => {
    const counted = await count(request)
    if (counted.isAllowed || !counted.isExceeded) return
    throw new LoginError('RATE_LIMITED', 'the account made too many uploads', {
      retryAfterSeconds: counted.ttlInSeconds,
    })
  }
}

/** @throws LoginError PAYLOAD_TOO_LARGE · UNSUPPORTED_MEDIA_TYPE · BAD_REQUEST no form, or one without a file */
async function readFile(request: FastifyRequest): Promise<Buffer> {
  const file = await request
    .file()
    .then(part => part?.toBuffer())
    .catch((cause: Partial<FastifyError>) => {
      // The errors of the parser below have no status: a form that is malformed, or broke off.
      if (cause.statusCode !== undefined) throw cause
      throw new LoginError('BAD_REQUEST', 'the form cannot be read', { cause, details: [expectedFile] })
    })
  if (file?.length) return file
  throw new LoginError('BAD_REQUEST', 'the form has no file', { details: [expectedFile] })
}
