import { createServer, type RequestListener, type Server } from 'node:http'
import express from 'express'
import express4 from 'express4'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, createApi } from './support/api.js'
import { type System, startSystem } from './support/system.js'

let system: System
let accessToken: string
let accountId: string
const servers: { close(): unknown }[] = []
beforeAll(async () => {
  system = await startSystem()
  // The examples live today.
  system.advance({ seconds: (Date.now() - system.clock().getTime()) / 1000 })
  const answer = (await system.person().login()).body.data
  accessToken = answer.accessToken
  accountId = answer.user.id
})
afterAll(async () => {
  for (const server of servers) await server.close()
  await system.close()
})

const examples = new URL('../examples/verify/', import.meta.url)
/** An example, as it stands in the project. */
const load = (name: string): Promise<{ createOrders(loginUrl: string, host?: unknown): never }> =>
  import(new URL(`${name}.js`, examples).href)

async function listen(handler: RequestListener): Promise<Api> {
  const server: Server = createServer(handler)
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return createApi(`http://127.0.0.1:${(server.address() as { port: number }).port}`)
}

const frameworks: Record<string, () => Promise<Api>> = {
  'Express 5': async () => listen((await load('express')).createOrders(system.url, express)),
  'Express 4': async () => listen((await load('express')).createOrders(system.url, express4)),
  Koa: async () => listen(((await load('koa')).createOrders(system.url) as { callback(): RequestListener }).callback()),
  async Fastify() {
    type App = { listen(options: object): Promise<string>; close(): unknown }
    const app = (await load('fastify')).createOrders(system.url) as App
    servers.push(app)
    return createApi(await app.listen({ host: '127.0.0.1', port: 0 }))
  },
  async Nest() {
    type App = { listen(port: number, host: string): Promise<unknown>; getUrl(): Promise<string>; close(): unknown }
    const app = (await (await load('nest')).createOrders(system.url)) as App
    servers.push(app)
    await app.listen(0, '127.0.0.1')
    return createApi(await app.getUrl())
  },
}

describe.each(Object.entries(frameworks))('the example on %s', (_name, start) => {
  let api: Api
  beforeAll(async () => {
    api = await start()
  })

  it('knows the account of an access token', async () => {
    const { status, body } = await api.get('/orders', accessToken)
    expect([status, body]).toEqual([200, { of: accountId }])
  })

  it('answers others as mplogin does, in both languages', async () => {
    const chinese = await api.get('/orders')
    expect([chinese.status, chinese.body.code, chinese.body.msg]).toEqual([
      401,
      'UNAUTHENTICATED',
      expect.stringMatching(/\p{Script=Han}/u),
    ])
    const english = await api.request('GET', '/orders', { token: 'x.y.z', headers: { 'accept-language': 'en' } })
    expect([english.status, english.body.code, english.body.msg]).toEqual([
      401,
      'UNAUTHENTICATED',
      expect.stringMatching(/^[A-Z][^\p{Script=Han}]+$/u),
    ])
  })
})
