import type { FastifyInstance } from 'fastify'
import type { Login } from '../login/create-login.js'
import { contextOf } from './context.js'
import { callerOf, defineRoute } from './define-route.js'

/** Routes of a signed-in person: their account and its sessions. */
export function addAccountRoutes(app: FastifyInstance, login: Login): void {
  defineRoute(app, login, 'getMe', 'ok', ({ request }) => login.getMe(callerOf(request)))

  for (const name of ['updateMe', 'updateMeByPost'] as const) {
    defineRoute(app, login, name, 'saved', ({ request, body }) =>
      login.updateMe(callerOf(request), body, contextOf(request)),
    )
  }

  defineRoute(app, login, 'deleteMe', 'deleted', async ({ request }) => {
    await login.deleteMe(callerOf(request))
    return {}
  })

  defineRoute(app, login, 'listSessions', 'ok', ({ request }) => login.listSessions(callerOf(request)))

  defineRoute(app, login, 'revokeSession', 'ok', async ({ request }) => {
    await login.revokeSession(callerOf(request), (request.params as { id: string }).id)
    return {}
  })
}
