/** A business back end on Express: its orders belong to mplogin's accounts. Runs on Express 4 and 5. */
import { createVerifier } from '@mplogin/verify'
import { requireAccount } from '@mplogin/verify/express'
import expressFive from 'express'

export function createOrders(loginUrl, express = expressFive) {
  const verifier = createVerifier({
    issuer: 'mplogin',
    audience: 'mplogin',
    jwksUri: `${loginUrl}/.well-known/jwks.json`,
  })
  const app = express()
  app.get('/orders', requireAccount(verifier), (request, response) => {
    response.json({ of: request.account.id })
  })
  return app
}
