import type { FastifyInstance } from 'fastify'
import type { Login } from '../login/create-login.js'
import type { Metrics } from '../ops/metrics.js'
import { contextOf } from './context.js'
import { callerOf, defineRoute } from './define-route.js'

/** Routes that prove who a person is, and the tokens that follow. */
export function addLoginRoutes(app: FastifyInstance, { login, metrics }: { login: Login; metrics: Metrics }): void {
  defineRoute(app, login, 'login', 'login', async ({ request, body }) => {
    return metrics.countLogin('openid', await login.login(body, contextOf(request)))
  })

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
