import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CallLog } from '../calls/call-log.js'
import { summarize, summarizeAnswer } from '../calls/summary.js'
import { type Answered, fail } from '../endpoints/answer.js'
import type { Endpoint, WechatRequest } from '../endpoints/endpoint.js'
import { type Bend, describeFault, replacesAnswer } from '../faults/fault.js'
import type { Faults } from '../faults/faults.js'
import type { World } from '../world/world.js'
import { bentContent } from './bent-answer.js'
import { deliver } from './deliver.js'
import { refusedCall } from './refused-call.js'
import { namedAppid, toWechatRequest } from './request.js'
import { openCall } from './security-mode.js'

const noBend: Bend = {}
const longestPath = 200

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

  app.setNotFoundHandler(async (request, reply) => {
    const path = (request.url.split('?')[0] ?? '').slice(0, longestPath)
    const { method } = request
    const why = 'the emulator has no such endpoint'
    const call = { path, method, appid: null, status: 404, errcode: null, why, requestSummary: {}, answerSummary: {} }
    log.record({ ...call, at: world.now().toISOString(), durationMs: elapsed(reply) })
    return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: `${method} ${path}: ${why}` })
  })

  async function answerCall(endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const call = toWechatRequest(endpoint.path, request)
    const at = world.now()
    const appid = appidOf(call)
    const bend = faults.take(endpoint.path) ?? noBend
    const { result, why, seal } = judge(endpoint, call, request, bend)
    log.count(endpoint.path, result ? result.errcode : null)
    const content = bentContent(result, endpoint.contentType, bend)
    const sealed = result && !bend.wrong ? seal?.(result.body) : undefined
    const delivery = {
      status: bend.status ?? 200,
      headers: { 'content-type': content.contentType, ...sealed?.headers },
      text: sealed?.text ?? content.text,
    }
    await deliver(reply, delivery, bend, () => {
      const durationMs = elapsed(reply)
      if (result?.rid !== undefined && appid !== null)
        world.rids.remember(result.rid, refusedCall(request, { path: endpoint.path, appid, at, durationMs, result }))
      log.record({
        at: at.toISOString(),
        durationMs,
        method: call.method,
        path: endpoint.path,
        appid,
        status: bend.reset ? 0 : delivery.status,
        errcode: result?.errcode ?? null,
        why,
        requestSummary: summarize({ ...call.query, ...(typeof call.fields !== 'string' && call.fields) }),
        answerSummary: result ? summarizeAnswer(result.body) : {},
      })
    })
    return reply
  }

  /** What WeChat answers, and why; without a result it is none of WeChat's answers. */
  function judge(endpoint: Endpoint, call: WechatRequest, request: FastifyRequest, bend: Bend) {
    const isReplaced = replacesAnswer(bend)
    if (isReplaced && !bend.effect) return inItsPlace(endpoint.path, bend)
    const opened = openCall(world, call, request)
    const right = opened.refusal ?? endpoint.answer(world, opened.call)
    if (isReplaced) return inItsPlace(endpoint.path, bend, `; what was lost by it: ${right.why}`)
    const why = bend === noBend ? right.why : `${right.why}; ${describeFault(bend)}`
    return { result: right, why, seal: opened.refusal ? undefined : opened.seal }
  }

  function inItsPlace(
    path: string,
    bend: Bend,
    more = '',
  ): { result: Answered | undefined; why: string; seal?: undefined } {
    const why = describeFault(bend) + more
    return { result: bend.errcode === undefined ? undefined : fail(world, path, bend.errcode, why), why }
  }

  function appidOf(call: WechatRequest): string | null {
    const holder = world.tokens.look(call.query.access_token ?? '')
    return holder.kind === 'valid' ? holder.appid : (namedAppid(call) ?? null)
  }
}

function elapsed(reply: FastifyReply): number {
  return Math.round(reply.elapsedTime * 10) / 10
}
