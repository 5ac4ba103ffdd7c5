import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CallLog } from '../calls/call-log.js'
import { summarize, summarizeAnswer } from '../calls/summary.js'
import { fail } from '../endpoints/answer.js'
import type { Endpoint, WechatRequest } from '../endpoints/endpoint.js'
import { describeFault, replacesAnswer } from '../faults/fault.js'
import type { Faults } from '../faults/faults.js'
import type { World } from '../world/world.js'
import { deliver } from './deliver.js'
import { toWechatRequest } from './request.js'
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
    const { path, contentType } = endpoint
    const call = toWechatRequest(path, request)
    const fault = faults.take(path)
    const at = world.now().toISOString()
    const appid = appidOf(world, call)
    const answered = fault && replacesAnswer(fault) ? undefined : endpoint.answer(world, call)
    const faulty =
      fault?.errcode === undefined ? undefined : fail(world, path, fault.errcode, 'a fault that was asked for')
    const result = answered ?? faulty
    log.count(path, result ? result.errcode : null)
    await deliver(reply, { result, contentType, fault }, () =>
      log.record({
        at,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        method: call.method,
        path,
        appid,
        status: fault?.reset ? 0 : (fault?.status ?? 200),
        errcode: result?.errcode ?? null,
        why: result?.why ?? describeFault(fault),
        requestSummary: summarize({ ...call.query, ...(typeof call.fields !== 'string' && call.fields) }),
        answerSummary: result ? summarizeAnswer(result.body) : {},
      }),
    )
    return reply
  }
}

function appidOf(world: World, { query, fields }: WechatRequest): string | null {
  const holder = world.tokens.look(query.access_token ?? '')
  if (holder.kind === 'valid') return holder.appid
  const appid = query.appid ?? (typeof fields === 'string' ? undefined : fields.appid)
  return typeof appid === 'string' ? appid : null
}
