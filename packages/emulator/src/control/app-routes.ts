import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { EmulatorVerbs } from '../verbs.js'
import { Appid, count, EndpointPath, text } from './shapes.js'

const flag = Type.Optional(Type.Boolean())
const Security = Type.Object({
  symmetricKey: Type.Optional(text(64)),
  symmetricSn: Type.Optional(text(64)),
  publicKey: Type.Optional(text(4000)),
  required: Type.Optional(Type.Array(EndpointPath, { maxItems: 50 })),
})
const PushSettings = Type.Object({
  url: text(1000),
  token: text(64),
  encodingAESKey: Type.Optional(text(43)),
  mode: Type.Optional(Type.Union([Type.Literal('plain'), Type.Literal('compatible'), Type.Literal('safe')])),
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('xml')])),
})
const AppBody = Type.Object({
  appid: text(64),
  secret: text(128),
  name: Type.Optional(text(64)),
  openPlatform: Type.Optional(text(64)),
  personal: flag,
  verified: flag,
  phoneQuota: Type.Optional(count(0)),
  phoneDeclared: flag,
  phoneBanned: flag,
  loginBlocked: flag,
  allowedIps: Type.Optional(Type.Array(text(64), { maxItems: 100 })),
  security: Type.Optional(Security),
  push: Type.Optional(PushSettings),
})
const QuotaBody = Type.Object({
  appid: Appid,
  path: EndpointPath,
  perDay: Type.Optional(count(0)),
  perMinute: Type.Optional(count(0)),
})
const VoidBody = Type.Object({
  appid: Appid,
  family: Type.Optional(Type.Union([Type.Literal('legacy'), Type.Literal('stable')])),
})
const seconds = Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000_000 }))
const SettingsBody = Type.Object({
  sessionKeyRotateSeconds: seconds,
  sessionKeyRotateChance: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  sessionKeyRotateAlways: flag,
  sessionKeyTtlSeconds: seconds,
  openidMismatchErrcode: Type.Optional(Type.Integer()),
  signedRequestSeconds: seconds,
})

/** The mini programs and what WeChat's console sets for them. */
export function addAppRoutes(server: FastifyInstance, emulator: EmulatorVerbs): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>()
  app.post('/apps', { schema: { body: AppBody } }, async ({ body }) => {
    emulator.addApp(body)
    return { appid: body.appid }
  })
  app.get('/apps', async () => emulator.apps())
  app.post('/quotas', { schema: { body: QuotaBody } }, async ({ body }) => {
    emulator.setQuota(body)
    return {}
  })
  app.post('/tokens/void', { schema: { body: VoidBody } }, async ({ body }) => {
    emulator.voidTokens(body)
    return {}
  })
  app.get('/settings', async () => emulator.settings())
  app.post('/settings', { schema: { body: SettingsBody } }, async ({ body }) => emulator.changeSettings(body))
  app.get('/platform-keys', async () => emulator.platformKeys())
  app.post('/platform-keys/rotate', async () => emulator.rotatePlatformKey())
  app.post('/platform-keys/retire', async () => emulator.retirePlatformKey())
}
