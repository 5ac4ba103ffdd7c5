import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { EmulatorVerbs } from '../verbs.js'
import { count, EndpointPath, IdParams } from './shapes.js'

const flag = Type.Optional(Type.Boolean())
const FaultBody = Type.Object({
  path: EndpointPath,
  times: Type.Optional(count(1, 1_000_000)),
  chance: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
  seed: Type.Optional(Type.Integer()),
  errcode: Type.Optional(Type.Integer()),
  status: Type.Optional(count(200, 599)),
  delayMs: Type.Optional(count(0, 600_000)),
  body: Type.Optional(Type.String()),
  html: flag,
  wrong: flag,
  reset: flag,
  half: flag,
  trickleMs: Type.Optional(count(1, 60_000)),
  effect: flag,
})

/** Misbehaviour on request. */
export function addFaultRoutes(server: FastifyInstance, emulator: EmulatorVerbs): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>()
  app.post('/faults', { schema: { body: FaultBody } }, async ({ body }) => emulator.addFault(body))
  app.get('/faults', async () => emulator.faults())
  app.delete('/faults', async () => {
    emulator.removeFault()
    return {}
  })
  app.delete('/faults/:id', { schema: { params: IdParams } }, async ({ params }) => {
    emulator.removeFault(params.id)
    return {}
  })
}
