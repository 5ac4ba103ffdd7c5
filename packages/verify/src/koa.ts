import { headerOf, toAnswer } from './answer.js'
import type { Verifier } from './verifier.js'
import type { Account } from './verify-token.js'

/** The part of Koa's state that the middleware sets: `new Koa<AccountState>()`. */
export interface AccountState {
  account: Account
}

/** What the middleware needs of Koa. */
interface KoaContext {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly state: object
  status: number
  body: unknown
  set(headers: Record<string, string>): void
}

/**
 * Middleware for Koa: puts `account` on the state, or answers as mplogin does.
 *
 * @example app.use(requireAccount(verifier))
 */
export function requireAccount(verifier: Verifier) {
  return async function mploginAccount(context: KoaContext, next: () => Promise<unknown>): Promise<void> {
    try {
      const state = context.state as Partial<AccountState>
      state.account = await verifier.verifyHeader(headerOf(context.headers, 'authorization'))
    } catch (error) {
      const { status, headers, body } = toAnswer(error, headerOf(context.headers, 'accept-language'))
      context.status = status
      context.set({ ...headers })
      context.body = body
      return
    }
    await next()
  }
}
