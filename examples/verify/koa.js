/** A business back end on Koa: its orders belong to mplogin's accounts. */
import { createVerifier } from '@mplogin/verify'
import { requireAccount } from '@mplogin/verify/koa'
import Koa from 'koa'

export function createOrders(loginUrl) {
  const verifier = createVerifier({
    issuer: 'mplogin',
    audience: 'mplogin',
    jwksUri: `${loginUrl}/.well-known/jwks.json`,
  })
  const app = new Koa()
  app.use(requireAccount(verifier))
  app.use(context => {
    if (context.path === '/orders') context.body = { of: context.state.account.id }
  })
  return app
}
