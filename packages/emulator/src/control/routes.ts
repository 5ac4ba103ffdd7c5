import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { EmulatorVerbs } from '../verbs.js'

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const AppidBody = Type.Object({ appid: Type.Optional(text(64)) })
const UserParams = Type.Object({ id: text(64) })

const UserBody = Type.Object({
  id: Type.Optional(text(64)),
  name: Type.Optional(text(64)),
  appid: Type.Optional(text(64)),
  phone: Type.Optional(text(32)),
  countryCode: Type.Optional(text(4)),
  openid: Type.Optional(text(64)),
  unionid: Type.Optional(text(64)),
})

const AppBody = Type.Object({
  appid: text(64),
  secret: text(128),
  name: Type.Optional(text(64)),
  openPlatform: Type.Optional(text(64)),
  personal: Type.Optional(Type.Boolean()),
  phoneQuota: Type.Optional(Type.Integer({ minimum: 0 })),
})

const FaultBody = Type.Object({
  path: Type.String({ pattern: '^/' }),
  times: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  errcode: Type.Optional(Type.Integer()),
  status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
  delayMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000 })),
  body: Type.Optional(Type.String()),
  reset: Type.Optional(Type.Boolean()),
})

/** What a test or a page asks of the emulator: bare JSON below /_emulator. */
export function addControlRoutes(server: FastifyInstance, emulator: EmulatorVerbs): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>()
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${method} ${url}`))
  app.get('/', async () => ({ what: 'WeChat, emulated for mplogin', routes }))

  app.post('/users', { schema: { body: UserBody } }, async ({ body }) => emulator.createUser(body))
  app.get('/users', async () => emulator.users())
  app.post('/users/:id/login-code', { schema: { params: UserParams, body: AppidBody } }, async ({ params, body }) =>
    emulator.loginCode(params.id, body),
  )
  app.post('/users/:id/phone-code', { schema: { params: UserParams, body: AppidBody } }, async ({ params, body }) =>
    emulator.phoneCode(params.id, body),
  )
  app.post('/apps', { schema: { body: AppBody } }, async ({ body }) => {
    emulator.addApp(body)
    return { appid: body.appid }
  })
  app.get('/apps', async () => emulator.apps())
  app.post('/faults', { schema: { body: FaultBody } }, async ({ body }) => {
    emulator.addFault(body)
    return {}
  })
  app.post(
    '/clock',
    { schema: { body: Type.Object({ advanceSeconds: Type.Number({ minimum: 0 }) }) } },
    async ({ body }) => ({
      now: emulator.advanceClock(body.advanceSeconds).toISOString(),
    }),
  )
  app.get('/stats', async () => emulator.stats())
  app.get(
    '/calls',
    { schema: { querystring: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) }) } },
    async ({ query }) => emulator.calls(query.after),
  )
  app.post('/reset', async () => {
    emulator.reset()
    return {}
  })
}
