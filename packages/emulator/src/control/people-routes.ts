import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { EmulatorVerbs } from '../verbs.js'
import { Appid, count, IdParams, OfApp, text } from './shapes.js'

const change = {
  name: Type.Optional(text(64)),
  phone: Type.Optional(Type.Union([text(32), Type.Null()])),
  countryCode: Type.Optional(text(4)),
  phones: Type.Optional(Type.Array(text(32), { maxItems: 10 })),
  blocked: Type.Optional(Type.Boolean()),
  riskRank: Type.Optional(count(0, 4)),
  needsSms: Type.Optional(Type.Boolean()),
  phoneBlocked: Type.Optional(Type.Boolean()),
}
const UserChange = Type.Object(change)
const UserBody = Type.Object({
  ...change,
  id: Type.Optional(text(64)),
  appid: Appid,
  openid: Type.Optional(text(64)),
  unionid: Type.Optional(text(64)),
})
const TapBody = Type.Object({
  appid: Appid,
  phone: Type.Optional(text(32)),
  realtime: Type.Optional(Type.Boolean()),
  allow: Type.Optional(Type.Boolean()),
})
const PaymentBody = Type.Object({
  appid: Appid,
  transactionId: Type.Optional(text(64)),
  mchId: Type.Optional(text(64)),
  outTradeNo: Type.Optional(text(64)),
})

/** Virtual people, and what their phones get from WeChat. */
export function addPeopleRoutes(server: FastifyInstance, emulator: EmulatorVerbs): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>()
  app.post('/users', { schema: { body: UserBody } }, async ({ body }) => emulator.createUser(body))
  app.get('/users', async () => emulator.users())
  app.patch('/users/:id', { schema: { params: IdParams, body: UserChange } }, async ({ params, body }) =>
    emulator.changeUser(params.id, body),
  )
  app.post('/users/:id/login-code', { schema: { params: IdParams, body: OfApp } }, async ({ params, body }) =>
    emulator.loginCode(params.id, body),
  )
  app.post('/users/:id/phone-code', { schema: { params: IdParams, body: TapBody } }, async ({ params, body }) => {
    const { realtime, ...input } = body
    return realtime ? emulator.realtimePhoneCode(params.id, input) : emulator.phoneCode(params.id, input)
  })
  app.post('/users/:id/plugin-code', { schema: { params: IdParams, body: OfApp } }, async ({ params, body }) =>
    emulator.pluginCode(params.id, body),
  )
  app.post('/users/:id/check-session', { schema: { params: IdParams, body: OfApp } }, async ({ params, body }) =>
    emulator.checkSession(params.id, body),
  )
  app.post('/users/:id/pay', { schema: { params: IdParams, body: PaymentBody } }, async ({ params, body }) =>
    emulator.pay(params.id, body),
  )
}
