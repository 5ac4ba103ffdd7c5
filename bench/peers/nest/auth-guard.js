import { Inject, Injectable, UnauthorizedException } from '@nestjs/common'
import { JwtService } from '@nestjs/jwt'
import { decorateClass } from './decorate.js'

/** The guard of Nest's own page on authentication. */
export class AuthGuard {
  constructor(jwt) {
    this.jwt = jwt
  }

  async canActivate(context) {
    const request = context.switchToHttp().getRequest()
    const [type, token] = request.headers.authorization?.split(' ') ?? []
    if (type !== 'Bearer') throw new UnauthorizedException()
    try {
      request.user = await this.jwt.verifyAsync(token)
    } catch {
      throw new UnauthorizedException()
    }
    return true
  }
}
decorateClass(AuthGuard, [Injectable()], [Inject(JwtService)])
