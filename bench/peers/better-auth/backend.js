/** A business back end beside better-auth: Fastify, asking for the session in the database it shares. */
import { fromNodeHeaders } from 'better-auth/node'
import Fastify from 'fastify'
import { settings } from '../settings.js'
import { auth } from './auth.js'

const app = Fastify()
app.get('/orders', async (request, reply) => {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
  if (!session) return reply.code(401).send({ code: 'UNAUTHENTICATED', msg: '请先登录' })
  return { accountId: session.user.id, orders: [] }
})
app.get('/plain', async () => ({ orders: [] }))
await app.listen({ port: settings.port, host: '127.0.0.1' })
