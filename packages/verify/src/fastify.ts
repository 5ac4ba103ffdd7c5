import type {} from 'fastify'
import { headerOf, toAnswer } from './answer.js'
import type { Verifier } from './verifier.js'
import type { Account } from './verify-token.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by requireAccount. */
    account?: Account
  }
}

/** What the hook needs of Fastify. */
interface HookRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  account?: Account
}
interface HookReply {
  code(status: number): HookReply
  headers(values: Record<string, string>): HookReply
  send(body: unknown): HookReply
}

/**
 * A hook for Fastify: puts `account` on the request, or answers as mplogin does, before the body is read.
 *
 * @example app.addHook('onRequest', requireAccount(verifier))
 * @example app.get('/orders', { onRequest: requireAccount(verifier) }, handler)
 */
export function requireAccount(verifier: Verifier) {
  return async function mploginAccount(request: HookRequest, reply: HookReply): Promise<unknown> {
    try {
      request.account = await verifier.verifyHeader(headerOf(request.headers, 'authorization'))
      return undefined
    } catch (error) {
      const { status, headers, body } = toAnswer(error, headerOf(request.headers, 'accept-language'))
      return reply
        .code(status)
        .headers({ ...headers })
        .send(body)
    }
  }
}
