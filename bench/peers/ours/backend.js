/** A business back end beside mplogin: Fastify with @mplogin/verify, as its README shows. */
import { createVerifier } from '@mplogin/verify'
import { requireAccount } from '@mplogin/verify/fastify'
import Fastify from 'fastify'
import { settings } from '../settings.js'

const verifier = createVerifier({ issuer: 'mplogin', audience: 'mplogin', jwksUri: process.env.JWKS_URI })
const app = Fastify()
app.get('/orders', { onRequest: requireAccount(verifier) }, async request => {
  return { accountId: request.account.id, orders: [] }
})
app.get('/plain', async () => ({ orders: [] }))
await app.listen({ port: settings.port, host: '127.0.0.1' })
