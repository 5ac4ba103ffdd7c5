import cors from '@fastify/cors'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { EmulatorError } from '../emulator-error.js'
import { isLoopbackOrigin } from '../loopback.js'
import type { EmulatorVerbs } from '../verbs.js'
import { guardControl } from './guard.js'
import { addControlRoutes } from './routes.js'

const statusOf = { NOT_FOUND: 404, BAD_REQUEST: 400, FORBIDDEN: 403, PHONE_REFUSED: 403, LOGIN_REFUSED: 403 } as const

/** The control side as a Fastify plugin, with errors as `{ error, message }`. */
export async function controlPlugin(
  app: FastifyInstance,
  { emulator, allowRemote }: { emulator: EmulatorVerbs; allowRemote: boolean },
): Promise<void> {
  guardControl(app, { allowRemote })
  await app.register(cors, {
    origin: (origin, done) => done(null, origin !== undefined && isLoopbackOrigin(origin)),
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
  })
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {})
    else parse(request, String(body), done)
  })
  app.addHook('preValidation', async request => {
    if (request.body === undefined) request.body = {}
  })
  // A body is taken as it is written: null seconds are not 0.
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  app.setErrorHandler((error: Error & { statusCode?: number; validation?: unknown }, _request, reply) => {
    if (error instanceof EmulatorError) {
      const { code, message, errMsg, errno } = error
      const refusal = { ...(errMsg !== undefined && { errMsg }), ...(errno !== undefined && { errno }) }
      return reply.code(statusOf[code]).send({ error: code, message, ...refusal })
    }
    const isTheirs = error.statusCode !== undefined && error.statusCode < 500
    return reply
      .code(isTheirs ? 400 : 500)
      .send(
        isTheirs
          ? { error: 'BAD_REQUEST', message: error.message }
          : { error: 'INTERNAL', message: 'a mistake of the emulator' },
      )
  })
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'NOT_FOUND', message: 'no such control route' }),
  )
  addControlRoutes(app, emulator)
}
