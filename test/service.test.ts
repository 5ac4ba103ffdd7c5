import { once } from 'node:events'
import { connect } from 'node:net'
import { routes } from '@mplogin/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type System, startSystem } from './support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

describe('the service routes', () => {
  it('tell that it is alive and ready', async () => {
    expect((await system.api.get('/healthz')).body).toEqual({ status: 'ok' })
    expect((await system.api.get('/readyz')).body).toEqual({ status: 'ok' })
  })

  it('are probed without a line in the log for each time', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await system.api.get(path)).status).toBe(200)
    await system.api.get('/.well-known/jwks.json')
    const told = () => system.log.map(line => JSON.parse(line)).filter(line => line.msg === 'answered')
    await expect.poll(() => told().map(line => line.route)).toContain('/.well-known/jwks.json')
    expect(told().filter(({ route }) => ['/healthz', '/readyz', '/metrics'].includes(route))).toEqual([])
  })

  it('publish the keys with a time to cache them', async () => {
    const answer = await system.api.get('/.well-known/jwks.json')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
  })

  it('count logins, requests and calls to WeChat', async () => {
    await system.person().login()
    await system.api.login({ code: 'x' })
    const text = String((await system.api.get('/metrics')).body)
    expect(text).toMatch(/^mplogin_logins_total\{by="openid",outcome="created"\} 1$/m)
    expect(text).toMatch(
      /^mplogin_http_request_duration_seconds_count\{method="POST",route="\/login",status="400"\} 1$/m,
    )
    expect(text).toMatch(
      /^mplogin_wechat_call_duration_seconds_count\{appid="wxaaaaaaaaaaaaaaaa",path="\/sns\/jscode2session",result="40029"\} 1$/m,
    )
  })

  it('describe every route of the contract in OpenAPI 3.1, with every error it can answer', async () => {
    const document = (await system.api.get('/openapi.json')).body as unknown as {
      openapi: string
      paths: Record<string, Record<string, { responses: Record<string, { description: string }>; security?: unknown }>>
    }
    expect(document.openapi).toBe('3.1.0')
    for (const route of Object.values(routes)) {
      const operation = document.paths[route.path.replace(':id', '{id}')]?.[route.method.toLowerCase()]
      expect(operation, route.path).toBeDefined()
      const described = Object.values(operation?.responses ?? {}).flatMap(response => response.description.split(' · '))
      for (const code of route.errors) expect(described, `${route.path} ${code}`).toContain(code)
      expect(operation?.security, route.path).toEqual(route.bearer ? [{ bearer: [] }] : undefined)
    }
    expect(JSON.stringify(document)).not.toContain('schema-')
  })

  it('show the description as a page', async () => {
    const response = await fetch(`${system.url}/docs/`)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('swagger-ui')
  })

  it.each([
    ['/healthz', 200, "default-src 'none'; frame-ancestors 'none'", null],
    ['/nowhere', 404, "default-src 'none'; frame-ancestors 'none'", null],
    ['/me', 401, "default-src 'none'; frame-ancestors 'none'", null],
    ['/docs/', 200, "default-src 'self'", 'SAMEORIGIN'],
    ['/uploads/default-avatar.png', 200, "default-src 'none'; sandbox", null],
  ])('protect a browser: %s', async (path, status, policy, frames) => {
    const response = await fetch(system.url + path)
    const { headers } = response
    expect(response.status).toBe(status)
    expect(headers.get('content-security-policy')).toContain(policy)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=31536000/)
    expect(headers.get('x-frame-options')).toBe(frames)
    expect(headers.get('x-ratelimit-limit')).toBeNull()
  })

  it('send the id of the request, and open nothing to other origins', async () => {
    const { headers } = await system.api.get('/healthz')
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  it('never let an answer with tokens be cached', async () => {
    expect((await system.person().login()).headers.get('cache-control')).toBe('no-store')
    expect((await system.api.login({ code: 'x' })).headers.get('cache-control')).toBe('no-store')
  })
})

describe('the log', () => {
  it('tells the detail of a failure under the request id of its answer', async () => {
    system.emulator.addFault({ path: '/sns/jscode2session', errcode: 40164 })
    const answer = await system.person().login()
    expect(answer.body.code).toBe('WECHAT_CONFIG')
    expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId)
    const lines = system.log.map(line => JSON.parse(line)).filter(line => line.requestId === answer.body.requestId)
    expect(lines).toEqual([
      expect.objectContaining({
        code: 'WECHAT_CONFIG',
        reason: expect.stringContaining('127.0.0.1'),
        err: expect.objectContaining({ errcode: 40164 }),
      }),
      expect.objectContaining({ method: 'POST', route: '/login', status: 500 }),
    ])
  })
})

describe('CORS_ORIGINS', () => {
  it('lets the named pages call the API, and no others', async () => {
    const open = await startSystem({ env: { CORS_ORIGINS: 'https://h5.example.com' } })
    try {
      const allowed = await open.api.request('GET', '/healthz', { headers: { origin: 'https://h5.example.com' } })
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://h5.example.com')
      expect(allowed.headers.get('access-control-expose-headers')).toBe('Retry-After')
      const other = await open.api.request('GET', '/healthz', { headers: { origin: 'https://evil.example.com' } })
      expect(other.headers.get('access-control-allow-origin')).not.toBe('https://evil.example.com')
      for (const method of ['POST', 'PATCH', 'DELETE']) {
        const headers = {
          origin: 'https://h5.example.com',
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization,content-type,idempotency-key,x-device',
        }
        const preflight = await open.api.request('OPTIONS', '/me', { headers })
        expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
          204,
          expect.stringContaining(method),
        ])
        expect(preflight.headers.get('access-control-allow-headers')).toContain('idempotency-key')
      }
    } finally {
      await open.close()
    }
  })
})

describe('the close', () => {
  it('is not held up by a connection that was opened and never asked anything', async () => {
    const closing = await startSystem()
    const port = Number(new URL(closing.url).port)
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    expect((await closing.api.get('/healthz')).status).toBe(200)
    const ended = once(socket, 'close')
    await closing.close()
    await ended
  }, 10_000)
})
