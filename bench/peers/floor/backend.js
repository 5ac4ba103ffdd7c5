/** A business back end beside the floor: every token is verified by node:crypto. */
import Fastify from 'fastify'
import { settings } from '../settings.js'
import { bearerOf, createTokens } from './tokens.js'

const tokens = createTokens(settings.tokenSecret)
const app = Fastify()
app.get('/orders', async (request, reply) => {
  const accountId = tokens.verify(bearerOf(request))
  if (accountId === undefined) return reply.code(401).send({ code: 'UNAUTHENTICATED', msg: '请先登录' })
  return { accountId, orders: [] }
})
app.get('/plain', async () => ({ orders: [] }))
await app.listen({ port: settings.port, host: '127.0.0.1' })
