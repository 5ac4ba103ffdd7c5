import type { AddressInfo } from 'node:net'
import { createApp, loginPlugin, openLogin, readConfig, toNodeHandler } from '@mplogin/server'
import express from 'express'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from './support/api.js'
import { type System, startSystem } from './support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

describe('mounted into another application', () => {
  it('an Express app serves it below a path, beside its own routes', async () => {
    const mplogin = await createApp(system.config, { clock: system.clock })
    const host = express()
    host.use('/auth', toNodeHandler(mplogin))
    host.use(express.json())
    host.post('/own', (request, response) => void response.json({ own: request.body }))
    const listening = host.listen(0, '127.0.0.1')
    await new Promise(resolve => listening.once('listening', resolve))
    const api = createApi(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`)

    const login = await api.post<{ accessToken: string }>('/auth/login', { code: system.person().loginCode() })
    expect(login.body).toMatchObject({ code: 'OK', data: { outcome: 'created' } })
    expect((await api.get('/auth/me', login.body.data.accessToken)).status).toBe(200)
    expect((await api.get('/auth/nowhere')).body.code).toBe('NOT_FOUND')
    expect((await api.post('/own', { a: 1 })).body).toEqual({ own: { a: 1 } })
    await new Promise(resolve => listening.close(resolve))
    await mplogin.close()
  })

  it('a Fastify app registers it as a plugin below a prefix, and keeps its own parsers and errors', async () => {
    const login = await openLogin(
      readConfig({
        env: {
          DATABASE_URL: system.config.values.DATABASE_URL,
          WECHAT_APPS: JSON.stringify(system.config.apps),
          WECHAT_API_BASE: system.emulator.url,
        },
        directory: system.directory,
      }),
      { clock: system.clock },
    )
    const host = Fastify()
    host.post('/own', async request => ({ own: request.body }))
    host.get('/fails', async () => {
      throw new Error('of the host')
    })
    await host.register(loginPlugin, { login, prefix: '/auth' })
    const api = createApi(await host.listen({ host: '127.0.0.1', port: 0 }))

    const answer = await api.post<{ accessToken: string }>('/auth/login', { code: system.person().loginCode() })
    expect(answer.body).toMatchObject({ code: 'OK', data: { outcome: 'created' } })
    expect((await api.post(`/auth/login?code=${system.person().loginCode()}`)).status).toBe(200)
    expect((await api.get('/auth/me', answer.body.data.accessToken)).status).toBe(200)
    expect((await api.get('/auth/nowhere')).body.code).toBe('NOT_FOUND')
    expect(
      (await api.request('POST', '/own', { body: 'text', headers: { 'content-type': 'text/plain' } })).body,
    ).toEqual({ own: 'text' })
    expect((await api.get('/fails')).body).toMatchObject({ message: 'of the host' })
    expect((await api.get('/nowhere')).body).toMatchObject({ error: 'Not Found' })
    await host.close()
    await login.close()
  })
})
