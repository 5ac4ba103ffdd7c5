import { LoginRequest } from '@mplogin/contract'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { LoginError } from '../errors.js'
import type { Login } from '../login/create-login.js'
import type { Metrics } from '../ops/metrics.js'
import { contextOf } from './context.js'
import { callerOf, defineRoute } from './define-route.js'

/** Routes that prove who a person is, and the tokens that follow. */
export function addLoginRoutes(app: FastifyInstance, { login, metrics }: { login: Login; metrics: Metrics }): void {
  // Behind WeChat cloud hosting its headers stand for the code.
  const body = login.trustCloudHeaders ? Type.Partial(LoginRequest) : LoginRequest
  defineRoute(
    app,
    login,
    'login',
    'login',
    async ({ request, body }) => {
      const identity = body.code === undefined ? login.findCloudIdentity(request.headers) : undefined
      const answer = identity
        ? login.loginByCloud(identity, contextOf(request))
        : login.login(withCode(body), contextOf(request))
      return metrics.countLogin('openid', await answer)
    },
    { body },
  )

  defineRoute(app, login, 'loginByPhone', 'login', async ({ request, body }) => {
    return metrics.countLogin('phone', await login.loginByPhone(body, contextOf(request)))
  })

  defineRoute(app, login, 'bindPhone', 'bindPhone', ({ request, body }) => {
    return login.bindPhone(callerOf(request), body, contextOf(request))
  })

  defineRoute(app, login, 'resolveConflict', 'login', async ({ request, body }) => {
    return metrics.countLogin('choice', await login.resolveConflict(body, contextOf(request)))
  })

  defineRoute(app, login, 'refresh', 'refresh', ({ body }) => login.refresh(body))

  defineRoute(app, login, 'logout', 'logout', async ({ request, body }) => {
    await login.logout(callerOf(request), body)
    return {}
  })
}

/** @throws LoginError BAD_REQUEST there is neither a code nor somebody else who tells who it is */
function withCode({ code, appid }: Partial<LoginRequest>): LoginRequest {
  if (code !== undefined) return { code, ...(appid !== undefined && { appid }) }
  throw new LoginError('BAD_REQUEST', 'there is no code, and no identity of WeChat cloud hosting', {
    details: [{ path: '/code', message: 'expected the code of wx.login' }],
  })
}
