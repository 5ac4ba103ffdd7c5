/** A business back end on Fastify: its orders belong to mplogin's accounts. */
import { createVerifier } from '@mplogin/verify'
import { requireAccount } from '@mplogin/verify/fastify'
import Fastify from 'fastify'

export function createOrders(loginUrl) {
  const verifier = createVerifier({
    issuer: 'mplogin',
    audience: 'mplogin',
    jwksUri: `${loginUrl}/.well-known/jwks.json`,
  })
  const app = Fastify()
  app.addHook('onRequest', requireAccount(verifier))
  app.get('/orders', async request => ({ of: request.account.id }))
  return app
}
