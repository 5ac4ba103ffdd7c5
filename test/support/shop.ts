import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { uniApp } from './examples.js'
import { startSystem } from './system.js'

/**
 * What the examples speak to: the login server, and the shop's back end. Its clock is today's, since phones and browsers
 * live today.
 *
 * @param pageOrigin where its pages are, when they are in a browser
 */
export async function startShop(pageOrigin?: string) {
  const system = await startSystem(pageOrigin === undefined ? {} : { env: { CORS_ORIGINS: pageOrigin } })
  system.advance({ seconds: (Date.now() - system.clock().getTime()) / 1000 })
  const { createOrders } = await import(`${uniApp.directory}server/orders.js`)
  const orders = createServer(createOrders(system.url, { pageOrigins: pageOrigin === undefined ? [] : [pageOrigin] }))
  await new Promise<void>(resolve => orders.listen(0, '127.0.0.1', resolve))
  let lastPhone = 13_800_000_000
  const nextPhone = () => `${++lastPhone}`

  return {
    system,
    ordersUrl: `http://127.0.0.1:${(orders.address() as AddressInfo).port}`,

    /** A number that nobody has. */
    nextPhone,

    /** Somebody with a WeChat of their own. */
    newPerson: (phone: string = nextPhone()) => system.person(phone).user,

    async close(): Promise<void> {
      orders.closeAllConnections()
      orders.close()
      await system.close()
    },
  }
}

export type Shop = Awaited<ReturnType<typeof startShop>>
