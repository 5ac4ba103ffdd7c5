/** The shop's back end: people place orders and see their own. Who they are, mplogin's access tokens tell. */
import { createVerifier } from '@mplogin/verify'
import { requireAccount } from '@mplogin/verify/express'
import express from 'express'

const products = ['cup', 'lamp', 'plant', 'notebook', 'bag', 'clock']

/**
 * @param {string} loginUrl where the login server is
 * @param {{ pageOrigins?: string[] }} options origins of pages that may ask from a browser (H5); mini programs need none
 */
export function createOrders(loginUrl, { pageOrigins = [] } = {}) {
  const verifier = createVerifier({
    issuer: 'mplogin',
    audience: 'mplogin',
    jwksUri: `${loginUrl}/.well-known/jwks.json`,
  })
  // In memory, for the example; each order belongs to an account.
  const orders = []
  const app = express()
  app.disable('x-powered-by')
  app.use(allowPages(pageOrigins))
  app.use(express.json({ limit: '10kb' }))

  app.get('/orders', requireAccount(verifier), (request, response) => {
    const own = orders.filter(order => order.accountId === request.account.id)
    response.json({ orders: own.map(toAnswer).reverse() })
  })

  app.post('/orders', requireAccount(verifier), (request, response) => {
    const product = request.body?.product
    if (!products.includes(product)) return response.status(400).json({ message: 'no such product' })
    const order = { id: orders.length + 1, accountId: request.account.id, product, orderedAt: new Date().toISOString() }
    orders.push(order)
    return response.status(201).json({ order: toAnswer(order) })
  })
  return app
}

function toAnswer({ id, product, orderedAt }) {
  return { id, product, orderedAt }
}

function allowPages(origins) {
  return (request, response, next) => {
    if (!origins.includes(request.headers.origin)) return next()
    response.set({
      'access-control-allow-origin': request.headers.origin,
      'access-control-allow-headers': 'authorization, content-type, accept-language',
      'access-control-allow-methods': 'GET, POST',
      vary: 'origin',
    })
    return request.method === 'OPTIONS' ? response.sendStatus(204) : next()
  }
}
