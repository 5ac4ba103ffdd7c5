import type { FastifyInstance } from 'fastify'
import type { EmulatorVerbs } from '../verbs.js'
import { addAppRoutes } from './app-routes.js'
import { addFaultRoutes } from './fault-routes.js'
import { PageParams, sendPageFile, wantsPage } from './page.js'
import { addPeopleRoutes } from './people-routes.js'
import { addPushRoutes } from './push-routes.js'
import { addWatchRoutes } from './watch-routes.js'

/** What a test or a page asks of the emulator: bare JSON below /_emulator. */
export function addControlRoutes(app: FastifyInstance, emulator: EmulatorVerbs): void {
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${method} ${url}`))
  app.get('/', async (request, reply) =>
    wantsPage(request) ? sendPageFile(reply, 'index.html') : { what: 'WeChat, emulated for mplogin', routes },
  )
  app.get('/page/:file', { schema: { params: PageParams } }, async (request, reply) =>
    sendPageFile(reply, (request.params as { file: string }).file),
  )
  for (const add of [addPeopleRoutes, addAppRoutes, addFaultRoutes, addPushRoutes, addWatchRoutes]) add(app, emulator)
}
