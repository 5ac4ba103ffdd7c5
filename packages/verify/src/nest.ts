import { type CanActivate, createParamDecorator, type ExecutionContext, HttpException } from '@nestjs/common'
import { headerOf, toAnswer } from './answer.js'
import type { Verifier } from './verifier.js'
import type { Account } from './verify-token.js'

/** What guard and decorator need of the request below Nest, Express or Fastify. */
interface NestRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  account?: Account
}

/**
 * A guard for Nest: puts `account` on the request, or throws the HttpException of mplogin's answer.
 *
 * @example app.useGlobalGuards(createAccountGuard(verifier))
 * @example \@UseGuards(createAccountGuard(verifier))
 */
export function createAccountGuard(verifier: Verifier): CanActivate {
  return {
    async canActivate(context: ExecutionContext): Promise<boolean> {
      const request = context.switchToHttp().getRequest<NestRequest>()
      try {
        request.account = await verifier.verifyHeader(headerOf(request.headers, 'authorization'))
        return true
      } catch (error) {
        const { status, body } = toAnswer(error, headerOf(request.headers, 'accept-language'))
        throw new HttpException(body, status, { cause: error })
      }
    },
  }
}

/**
 * The account of the request, as a parameter of a handler behind the guard.
 *
 * @example \@Get() list(\@CurrentAccount() account: Account)
 */
export const CurrentAccount = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<NestRequest>().account,
)
