import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { fail } from './answers.js'
import { type CallLog, summarize, summarizeAnswer } from './call-log.js'
import { type Endpoint, parseBody, type WechatRequest } from './endpoints/endpoint.js'
import { type Fault, type Faults, replacesAnswer } from './faults.js'
import type { World } from './world/world.js'

/** Puts WeChat's endpoints on the wire: HTTP 200 whatever they answer, faults first, every call recorded. */
export function addWechatRoutes(
  app: FastifyInstance,
  deps: { world: World; faults: Faults; log: CallLog; endpoints: readonly Endpoint[] },
): void {
  const { world, faults, log, endpoints } = deps
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))

  for (const endpoint of endpoints) {
    app.route({
      method: ['GET', 'POST'],
      url: endpoint.path,
      handler: async (request, reply) => answerCall(endpoint, request, reply),
    })
  }

  async function answerCall(endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const call = toWechatRequest(endpoint.path, request)
    const fault = faults.take(endpoint.path)
    const at = world.now().toISOString()
    const answered = fault && replacesAnswer(fault) ? undefined : endpoint.answer(world, call)
    const faulty =
      fault?.errcode === undefined ? undefined : fail(world, endpoint.path, fault.errcode, 'a fault that was asked for')
    const result = answered ?? faulty
    const status = fault?.status ?? 200
    log.count(endpoint.path, result ? result.errcode : null)
    // Not holding up the end of the process: whoever closes the emulator is not to wait for a late answer.
    if (fault?.delayMs) await delay(fault.delayMs, undefined, { ref: false })
    log.record({
      at,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      method: call.method,
      path: endpoint.path,
      appid: appidOf(world, call),
      status: fault?.reset ? 0 : status,
      errcode: result?.errcode ?? null,
      why: result?.why ?? describeFault(fault),
      requestSummary: summarize({ ...call.query, ...fieldsOf(call.body) }),
      answerSummary: result ? summarizeAnswer(result.body) : {},
    })
    if (fault?.reset) return cutConnection(reply)
    if (result) return reply.code(status).header('content-type', endpoint.contentType).send(JSON.stringify(result.body))
    const page = fault?.body ?? `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`
    return reply.code(status).header('content-type', 'text/html').send(page)
  }
}

function toWechatRequest(path: string, request: FastifyRequest): WechatRequest {
  const query: Record<string, string> = {}
  for (const [key, value] of Object.entries(request.query as Record<string, unknown>)) {
    const first = Array.isArray(value) ? value[0] : value
    if (typeof first === 'string') query[key] = first
  }
  return { method: request.method, path, query, body: typeof request.body === 'string' ? request.body : '' }
}

function fieldsOf(body: string): Record<string, unknown> {
  const fields = parseBody(body)
  return typeof fields === 'string' ? {} : fields
}

function appidOf(world: World, { query, body }: WechatRequest): string | null {
  const holder = world.tokens.look(query.access_token ?? '')
  if (holder.kind === 'valid') return holder.appid
  const appid = query.appid ?? fieldsOf(body).appid
  return typeof appid === 'string' ? appid : null
}

function describeFault(fault: Fault | undefined): string {
  if (fault?.reset) return 'a fault that was asked for: the connection was cut'
  return `a fault that was asked for: ${fault?.body === undefined ? `HTTP ${fault?.status}` : 'another body'}`
}

function cutConnection(reply: FastifyReply): FastifyReply {
  reply.hijack()
  reply.raw.socket?.resetAndDestroy()
  return reply
}
