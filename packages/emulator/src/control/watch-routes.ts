import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { RecordedCall } from '../calls/call-log.js'
import type { EmulatorVerbs } from '../verbs.js'
import { overviewOf } from './overview.js'

const AfterQuery = Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) })
const ClockBody = Type.Object({ advanceSeconds: Type.Number({ minimum: 0 }) })

/** A watcher who reads no more than this behind misses calls: the emulator does not pile them up. */
const mostBuffered = 1_000_000

/** The clock, and what happened. */
export function addWatchRoutes(server: FastifyInstance, emulator: EmulatorVerbs): void {
  const app = server.withTypeProvider<TypeBoxTypeProvider>()
  app.get('/clock', async () => ({ now: emulator.now().toISOString() }))
  app.post('/clock', { schema: { body: ClockBody } }, async ({ body }) => ({
    now: emulator.advanceClock(body.advanceSeconds).toISOString(),
  }))
  app.get('/overview', async () => overviewOf(emulator))
  app.get('/stats', async () => emulator.stats())
  app.get('/calls', { schema: { querystring: AfterQuery } }, async ({ query }) => emulator.calls(query.after))
  app.get('/calls/stream', { schema: { querystring: AfterQuery } }, async ({ query, headers }, reply) => {
    const lastSeen = Number(headers['last-event-id'])
    return streamCalls(emulator, reply, Number.isInteger(lastSeen) ? lastSeen : query.after)
  })
  app.post('/reset', async () => {
    emulator.reset()
    return {}
  })
}

/** Calls as server-sent events, from the one after `after`, or from now on. */
function streamCalls(emulator: EmulatorVerbs, reply: FastifyReply, after: number | undefined): FastifyReply {
  reply.hijack()
  const { raw } = reply
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' }
  raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...headers })
  const send = (call: RecordedCall) => {
    if (raw.writableLength < mostBuffered) raw.write(`id: ${call.id}\ndata: ${JSON.stringify(call)}\n\n`)
  }
  raw.write(': calls\n\n')
  if (after !== undefined) for (const call of emulator.calls(after)) send(call)
  raw.on('close', emulator.onCall(send))
  return reply
}
