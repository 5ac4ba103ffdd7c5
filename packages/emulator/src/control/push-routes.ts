import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { pushEvents } from '../push/message.js'
import type { EmulatorVerbs } from '../verbs.js'
import { Appid, text } from './shapes.js'

const PushBody = Type.Object({
  appid: Appid,
  userId: text(64),
  event: Type.Union(pushEvents.map(event => Type.Literal(event))),
  revokeInfo: Type.Optional(text(32)),
  url: Type.Optional(text(1000)),
})
const VerifyBody = Type.Object({ appid: Appid, url: Type.Optional(text(1000)) })

/** Events that WeChat sends. The answers come when they were delivered or given up, which may take 15 s. */
export function addPushRoutes(server: FastifyInstance, emulator: EmulatorVerbs): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>()
  app.post('/push', { schema: { body: PushBody } }, async ({ body }) => emulator.push(body))
  app.post('/push/verify', { schema: { body: VerifyBody } }, async ({ body }) => emulator.verifyPush(body))
}
