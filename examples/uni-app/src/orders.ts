import type { Product } from './catalogue.js'
import { ordersUrl } from './config.js'
import { client } from './login.js'

/** An order as the shop's back end tells it. */
export interface Order {
  readonly id: number
  readonly product: Product['id']
  /** ISO 8601, UTC. */
  readonly orderedAt: string
}

/** The orders of the person who is logged in, the newest first. @throws ClientError · Error any status but 2xx */
export async function listOrders(): Promise<readonly Order[]> {
  return (await ask<{ orders: Order[] }>('GET')).orders
}

/** @throws as listOrders */
export async function placeOrder(product: Product['id']): Promise<Order> {
  return (await ask<{ order: Order }>('POST', { product })).order
}

/** With the token of the login: the client renews it, and sends it to the addresses it was told of only. */
async function ask<Body>(method: 'GET' | 'POST', data?: object): Promise<Body> {
  const { statusCode, data: body } = await client.request({ url: `${ordersUrl}/orders`, method, ...(data && { data }) })
  if (statusCode >= 200 && statusCode < 300) return body as Body
  throw new Error(`${method} /orders: status ${statusCode}`)
}
