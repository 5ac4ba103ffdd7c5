import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcomeOf } from '../support/outcome.js'
import { createPhone, type Phone } from '../support/phone.js'
import { type System, startSystem } from '../support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

const expire = () => system.advance({ minutes: 16 })
const bearers = (phone: Phone, path: string) => phone.sentTo(path).map(({ headers }) => headers.get('authorization'))

/** Somebody signed in. `behind` leaves the phone unaware that its token expires. */
async function signedIn(options: Parameters<Phone['start']>[0] = {}) {
  const phone = createPhone(system)
  const life = phone.start(options)
  const { user } = await life.login.signIn()
  life.heard.length = 0
  const unawares = () => {
    expire()
    phone.clock.errorMs -= 16 * 60_000
  }
  return { phone, user, unawares, ...life }
}
/** Ends all sessions of somebody, as another device would. */
async function endElsewhere(phone: Phone) {
  const code = system.emulator.loginCode(phone.user.id).code
  const { accessToken } = (await system.api.login({ code })).body.data
  await system.api.post('/logout', { everywhere: true }, { token: accessToken })
}

describe('a request', () => {
  it('resolves to what wx.request gives, whatever the status is', async () => {
    const { login, user } = await signedIn()
    expect(await login.request({ url: '/me' })).toMatchObject({
      statusCode: 200,
      data: { code: 'OK', data: { user } },
      header: { 'Content-Type': expect.stringContaining('application/json') },
    })
    expect(await login.request({ url: '/nowhere' })).toMatchObject({ statusCode: 404, data: { code: 'NOT_FOUND' } })
    const bad = { url: 'me', method: 'POST', data: { nickname: '' }, header: { 'X-Mine': '1' } } as const
    expect((await login.request(bad)).statusCode).toBe(400)
    expect(bad.header).toEqual({ 'X-Mine': '1' })
  })

  it('goes without a token while nobody is signed in, and waits for who is just signing in', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    expect((await login.request({ url: '/me' })).statusCode).toBe(401)
    const signing = login.signIn()
    expect((await login.request({ url: '/me' })).statusCode).toBe(200)
    await signing
    expect(bearers(phone, '/me')).toEqual([null, expect.stringMatching(/^Bearer /)])
  })

  it('goes without a token also when the sign-in that it waited for fails', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    phone.bend('/login', 'request lost', 2)
    const signing = outcomeOf(login.signIn())
    expect((await login.request({ url: '/me' })).statusCode).toBe(401)
    expect(await signing).toBe('NETWORK')
  })

  it('is one of eight at once, so that a new token and a sign-in find a place among WeChat’s ten', async () => {
    const { login, phone } = await signedIn()
    const answers = await Promise.all(Array.from({ length: 30 }, () => login.request({ url: '/me/sessions' })))
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]))
    expect(phone.mostAtOnce('/me/sessions')).toBe(8)
    // Failures leave their place.
    phone.bend('/me/sessions', 'request lost', 20)
    const failed = Array.from({ length: 20 }, () => outcomeOf(login.request({ url: '/me/sessions' })))
    expect(new Set(await Promise.all(failed))).toEqual(new Set(['NETWORK']))
    expect((await login.request({ url: '/me/sessions' })).statusCode).toBe(200)
  })

  it('says NETWORK without one, and TIMEOUT after its time', async () => {
    const { login, phone, wx } = await signedIn()
    wx.setOffline(true)
    await expect(login.request({ url: '/me' })).rejects.toMatchObject({
      name: 'ClientError',
      code: 'NETWORK',
      errno: 600001,
    })
    wx.setOffline(false)
    phone.bend('/me', 'silence')
    expect(await outcomeOf(login.request({ url: '/me', timeout: 50 }))).toBe('TIMEOUT')
    expect((await login.request({ url: '/me' })).statusCode).toBe(200)
  })

  it('settles also when it brings the callbacks of wx.request along', async () => {
    const { login } = await signedIn()
    const called: unknown[] = []
    const note = (result: unknown) => void called.push(result)
    const options = { url: '/me', success: note, fail: note }
    expect((await login.request(options)).statusCode).toBe(200)
    expect([called, options.success]).toEqual([[], note])
  })

  it('that the system cancels is NETWORK: nobody refused anything', async () => {
    const { phone, wx } = await signedIn()
    const errMsg = 'request:fail cancelled'
    const cancelled = { ...wx, request: (options: Parameters<typeof wx.request>[0]) => options.fail?.({ errMsg }) }
    await expect(phone.join(cancelled).login.request({ url: '/me' })).rejects.toMatchObject({ code: 'NETWORK', errMsg })
  })

  it('that is interrupted in the background fails, and keeps the session', async () => {
    const { login, phone, wx, heard } = await signedIn({ wx: { interruptedAfterMs: 30 } })
    expire()
    phone.bend('/token/refresh', 'silence')
    const waiting = login.request({ url: '/me' })
    wx.hideApp()
    await expect(waiting).rejects.toMatchObject({ code: 'NETWORK', errno: 600003 })
    wx.showApp()
    expect((await login.request({ url: '/me' })).statusCode).toBe(200)
    expect([heard, phone.sentTo('/login').length]).toEqual([[], 1])
  })
})

describe('the token', () => {
  // The client's servers are https://api.example.com (with a path) and http://shop.example:8080.
  it.each<[string, boolean]>([
    ['/orders', true],
    ['orders', true],
    ['https://api.example.com', true],
    ['https://api.example.com/', true],
    ['https://api.example.com?x=1', true],
    ['https://api.example.com#x', true],
    ['https://api.example.com:443/x', true],
    ['HTTPS://API.Example.COM/x', true],
    ['http://shop.example:8080/x', true],
    ['http://shop.example:08080/x', true],
    ['http://api.example.com/x', false],
    ['https://api.example.com:444/x', false],
    ['https://api.example.com:80/x', false],
    ['http://shop.example/x', false],
    ['https://shop.example:8080/x', false],
    ['https://api.example.com.evil.com/x', false],
    ['https://api.example.com@evil.com/x', false],
    ['https://api.example.com:443@evil.com/x', false],
    ['https://api.example.com:x@evil.com/x', false],
    ['https://api.example.com%2eevil.com/x', false],
    ['https://api.example.com%40evil.com/x', false],
    ['https://evil.com/https://api.example.com/x', false],
    ['https://evil.com?https://api.example.com/x', false],
    ['https://evil.com#@api.example.com/x', false],
    ['https://evil.com/@api.example.com', false],
    ['https://evil.com\\@api.example.com/x', false],
    ['https://api.example.com\\@evil.com/x', false],
    ['https://api.example.com\\.evil.com/x', false],
    ['https:\\\\api.example.com/x', false],
    ['https:/api.example.com/x', false],
    ['https:api.example.com/x', false],
    [' https://api.example.com/x', true],
    ['https://api.example.com /x', false],
    ['https://api.exam\tple.com/x', false],
    ['https://api.example.com\n.evil.com/x', false],
    ['https://api。example。com/x', false],
    ['https://api.example.com./x', false],
    ['https://user@api.example.com/x', false],
    ['https://user:pass@api.example.com/x', false],
    ['https://xn--api-example.com/x', false],
    ['https://[::ffff:api.example.com]/x', false],
    ['wss://api.example.com/x', false],
    ['ftp://api.example.com/x', false],
    ['javascript://api.example.com/x', false],
    ['//evil.com/x', true],
    ['@evil.com/x', true],
    ['.evil.com/x', true],
    [':8443/x', true],
    ['\\evil.com/x', true],
  ])('to %j: %s, and to our own host alone', async (url, expected) => {
    const { wx, phone } = await signedIn()
    const sent: { url: string; token: boolean }[] = []
    const listening = {
      ...wx,
      request(options: { url: string; header?: object; success?(result: object): void }): void {
        sent.push({ url: options.url, token: /Bearer/.test(JSON.stringify(options.header)) })
        options.success?.({ statusCode: 200, data: {}, header: {} })
      },
    }
    const apiUrls = ['https://api.example.com/', 'http://shop.example:8080/shop']
    const { login } = phone.join(listening, { baseUrl: 'https://api.example.com/auth/', apiUrls })
    await login.request({ url })
    expect(sent.map(({ token }) => token)).toEqual([expected])
    // Whatever the phone makes of the address, a token only ever goes to one of the three.
    const ours = ['https://api.example.com', 'http://shop.example:8080']
    if (expected) expect(ours).toContain(new URL(sent[0]?.url ?? '').origin)
  })

  it('goes nowhere by a redirect', async () => {
    const { login, phone } = await signedIn()
    const server = createServer((_request, response) => {
      response.writeHead(302, { location: 'http://evil.example/' }).end()
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { login: wider } = phone.join(phone.start().wx, { apiUrls: [url] })
    const answer = await wider.request({ url: '/anywhere' })
    expect([answer.statusCode, answer.header.Location]).toEqual([302, 'http://evil.example/'])
    expect(bearers(phone, `${url}/anywhere`)).toEqual([expect.stringMatching(/^Bearer /)])
    expect(login.user).toBeDefined()
    server.close()
  })

  it('and the token that renews it go nowhere by a redirect of the login server either', async () => {
    const { login, phone, unawares } = await signedIn()
    const heard: string[] = []
    const listen = async (answer: (response: ServerResponse) => void) => {
      const server = createServer((request, response) => {
        request.on('data', data => heard.push(String(data)))
        heard.push(`${request.url} ${request.headers.authorization}`)
        answer(response)
      }).listen(0, '127.0.0.1')
      await new Promise(resolve => server.once('listening', resolve))
      return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    }
    const evil = await listen(response => response.end('{}'))
    const moved = await listen(response => response.writeHead(307, { location: `${evil.url}/evil` }).end())
    const { login: misled } = phone.join(phone.start().wx, { baseUrl: moved.url })
    expect(misled.user).toEqual(login.user)
    expect(await outcomeOf(misled.resume())).toBe('BAD_ANSWER')
    expect(await outcomeOf(misled.sessions())).toBe('BAD_ANSWER')
    unawares()
    phone.clock.errorMs += 16 * 60_000
    expect(await outcomeOf(misled.request({ url: '/me' }))).toBe('BAD_ANSWER')
    expect(heard.filter(line => line.startsWith('/me'))).not.toEqual([])
    expect(heard.filter(line => line.startsWith('/token')).length).toBe(1)
    expect(heard.filter(line => line.startsWith('/evil'))).toEqual([])
    for (const { server } of [evil, moved]) server.close()
  })

  it('is not taken from the caller’s own header for another host', async () => {
    const { login, phone } = await signedIn()
    await login.request({ url: 'http://elsewhere.example/x', header: { Authorization: 'Basic mine' } })
    expect(bearers(phone, 'http://elsewhere.example/x')).toEqual(['Basic mine'])
  })
})

describe('an expired token', () => {
  it('is renewed once for 50 parallel requests, and all are answered', async () => {
    const { login, phone, heard } = await signedIn()
    expire()
    const answers = await Promise.all(Array.from({ length: 50 }, () => login.request({ url: '/me' })))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 50 }, () => 200))
    expect([phone.sentTo('/token/refresh').length, phone.sentTo('/me').length, heard]).toEqual([1, 50, []])
    expect(new Set(bearers(phone, '/me')).size).toBe(1)
  })

  // Known from libraries for axios and uni.request: of parallel requests that were refused, only the first is given the
  // answer of its repeat, although all are sent again.
  it('regression: each of 50 requests that were refused together gets its own answer', async () => {
    const { login, phone, unawares } = await signedIn()
    unawares()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        login.request<{ code: string }>({ url: index % 2 ? '/me' : '/nowhere' }),
      ),
    )
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(
      Array.from({ length: 50 }, (_, i) => (i % 2 ? 200 : 404)),
    )
    expect(phone.sentTo('/token/refresh').length).toBe(1)
  })

  it('is renewed shortly before its end', async () => {
    const { login, phone } = await signedIn()
    system.advance({ minutes: 13 })
    await login.request({ url: '/me' })
    expect(phone.sentTo('/token/refresh').length).toBe(0)
    system.advance({ minutes: 1 })
    await login.request({ url: '/me' })
    expect([phone.sentTo('/token/refresh').length, new Set(bearers(phone, '/me')).size]).toEqual([1, 2])
  })

  it.each([
    ['a year fast', 365],
    ['a year slow', -365],
  ])('does not depend on the clock of the phone: %s', async (_title, days) => {
    const phone = createPhone(system, { skewMs: days * 86_400_000 })
    const first = phone.start()
    await first.login.signIn()
    await first.login.request({ url: '/me' })
    expect(phone.sentTo('/token/refresh').length).toBe(0)
    expire()
    expect((await first.login.request({ url: '/me' })).statusCode).toBe(200)
    expect(phone.sentTo('/token/refresh').length).toBe(1)
    // Somebody sets it right, then wrong again.
    for (const errorMs of [0, days * 86_400_000, 0]) {
      phone.clock.errorMs = errorMs
      const { login } = phone.start()
      expect((await login.request({ url: '/me' })).statusCode).toBe(200)
      expect(login.user).toBeDefined()
    }
    expect([first.heard.length, phone.sentTo('/login').length]).toEqual([1, 1])
  })

  it('that was refused is sent again once with a new one, whatever the method', async () => {
    const { login, phone, unawares } = await signedIn()
    unawares()
    const answer = await login.request<{ data: { user: { nickname: string } } }>({
      url: '/me',
      method: 'POST',
      data: { nickname: '林晓' },
    })
    expect([answer.statusCode, answer.data.data.user.nickname]).toEqual([200, '林晓'])
    expect(phone.sent.slice(1).map(({ path }) => path)).toEqual(['/me', '/token/refresh', '/me'])
  })

  it('is the only reason to send something again', async () => {
    const { login, phone } = await signedIn()
    for (const method of ['GET', 'POST'] as const) {
      const before = phone.sentTo('/me').length
      phone.bend('/me', 'answer lost')
      expect(
        await outcomeOf(login.request({ url: '/me', method, ...(method === 'POST' && { data: { nickname: '一' } }) })),
      ).toBe('NETWORK')
      expect(phone.sentTo('/me').length - before).toBe(1)
    }
  })

  it('of which a refusal arrives late signs nobody out: the present one is used', async () => {
    const { login, phone, unawares, heard } = await signedIn()
    unawares()
    let release = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    phone.bend('/me', () => held)
    const late = login.request({ url: '/me' })
    await expect.poll(() => phone.sentTo('/me').length).toBe(1)
    expect((await login.request({ url: '/me/sessions' })).statusCode).toBe(200)
    release()
    expect((await late).statusCode).toBe(200)
    expect([phone.sentTo('/token/refresh').length, heard]).toEqual([1, []])
    const [old, present] = bearers(phone, '/me')
    expect([old === present, present]).toEqual([false, bearers(phone, '/me/sessions').at(-1)])
  })
})

describe('a server that always answers 401', () => {
  let server: Server
  let url: string
  beforeAll(async () => {
    server = createServer((_request, response) => void response.writeHead(401).end('who?')).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => void server.close())

  it('is asked twice, and its answer is the result; nobody is signed out', async () => {
    const { phone, wx } = await signedIn()
    const { login, heard } = phone.join(wx, { apiUrls: [url] })
    expect(await login.request({ url: '/x', method: 'PUT' })).toMatchObject({ statusCode: 401, data: 'who?' })
    expect([phone.sentTo(`${url}/x`).length, phone.sentTo('/token/refresh').length, heard]).toEqual([2, 1, []])
  })
})

describe('a refresh', () => {
  // Known from libraries for axios and uni.request, and from fzuhelper: whoever waits for a refresh that fails waits for ever.
  it('regression: that is refused settles everybody who waits, and signs out once', async () => {
    const { login, phone, heard } = await signedIn()
    await endElsewhere(phone)
    expire()
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(login.request({ url: '/me' }))))
    expect(new Set(outcomes)).toEqual(new Set(['SESSION_REVOKED']))
    expect([heard, login.user, login.needsPhone]).toEqual([[[undefined, 'SESSION_REVOKED']], undefined, false])
    expect([phone.sentTo('/token/refresh').length, phone.sentTo('/me').length]).toEqual([1, 0])
    expect((await login.request({ url: '/me' })).statusCode).toBe(401)
    expect(await outcomeOf(login.signIn())).toBe('OK')
  })

  it('that is refused after requests were refused settles all of them too', async () => {
    const { login, phone, heard } = await signedIn()
    await endElsewhere(phone)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(login.request({ url: '/me' }))))
    expect([...new Set(outcomes)].filter(code => !['SESSION_REVOKED', 'UNAUTHENTICATED'].includes(code))).toEqual([])
    expect([heard, phone.sentTo('/token/refresh').length]).toEqual([[[undefined, 'SESSION_REVOKED']], 1])
  })

  it('that never answers ends with its time limit, and the next call works', async () => {
    const { login, phone, heard } = await signedIn({ timeoutMs: 150 })
    expire()
    phone.bend('/token/refresh', 'silence')
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(login.request({ url: '/me' }))))
    expect(new Set(outcomes)).toEqual(new Set(['TIMEOUT']))
    expect((await login.request({ url: '/me' })).statusCode).toBe(200)
    expect([heard, phone.sentTo('/token/refresh').length, phone.mostAtOnce('/token/refresh')]).toEqual([[], 2, 1])
  })

  it('ends also when WeChat never calls back', async () => {
    const { phone, wx } = await signedIn()
    expire()
    let isDeaf = true
    const deaf = {
      ...wx,
      request: (options: Parameters<typeof wx.request>[0]) => (isDeaf ? undefined : wx.request(options)),
    }
    const { login } = phone.join(deaf, { timeoutMs: 200 })
    const outcomes = await Promise.all([1, 2, 3].map(() => outcomeOf(login.request({ url: '/me' }))))
    expect(new Set(outcomes)).toEqual(new Set(['TIMEOUT']))
    isDeaf = false
    expect((await login.request({ url: '/me' })).statusCode).toBe(200)
  })

  it.each([
    'request lost',
    'answer lost',
  ] as const)('that loses the network (%s) keeps the session, and the next call works', async fate => {
    const { login, phone, heard } = await signedIn()
    expire()
    phone.bend('/token/refresh', fate)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(login.request({ url: '/me' }))))
    expect(new Set(outcomes)).toEqual(new Set(['NETWORK']))
    expect(login.user).toBeDefined()
    expect((await login.request({ url: '/me' })).statusCode).toBe(200)
    const tokens = phone.sentTo('/token/refresh').map(({ body }) => body)
    expect([heard, tokens.length, tokens[1]]).toEqual([[], 2, tokens[0]])
  })

  it.each([
    [503, '{"code":"SERVICE_UNAVAILABLE","msg":"…"}'],
    [429, '{"code":"RATE_LIMITED","msg":"…"}'],
    [403, '<html>portal</html>'],
    [401, 'no'],
    [200, 'welcome to our hotel'],
  ])('answered with %s %s keeps the session', async (status, body) => {
    const { phone, wx } = await signedIn()
    expire()
    let isBent = true
    const bent = {
      ...wx,
      request(options: Parameters<typeof wx.request>[0]) {
        if (!isBent) return wx.request(options)
        let data: unknown = body
        if (body.startsWith('{')) data = JSON.parse(body)
        options.success?.({
          statusCode: status,
          data,
          header: {},
          cookies: [],
          errMsg: 'request:ok',
          profile: { queueStart: 0, queueEnd: 0, responseEnd: 0 },
        })
        return undefined
      },
    }
    const { login, heard } = phone.join(bent)
    expect(await outcomeOf(login.request({ url: '/me' }))).toMatch(/^(SERVICE_UNAVAILABLE|RATE_LIMITED|BAD_ANSWER)$/)
    expect(login.user).toBeDefined()
    isBent = false
    expect([(await login.request({ url: '/me' })).statusCode, heard]).toEqual([200, []])
  })

  it.each([
    ['Retry-After', '7', 7],
    ['retry-after', '120', 120],
    ['Retry-After', 'Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    ['Server', 'nginx', undefined],
  ])('that has to wait tells how long, where the server does: %s: %s', async (name, value, seconds) => {
    const { phone, wx } = await signedIn()
    expire()
    const busy = {
      ...wx,
      request: (options: Parameters<typeof wx.request>[0]) =>
        options.success?.({ statusCode: 503, data: '', header: { [name]: value } } as never),
    }
    const error = await phone
      .join(busy)
      .login.request({ url: '/me' })
      .catch(failed => failed)
    expect([error.code, error.status, error.retryAfterSeconds]).toEqual(['BAD_ANSWER', 503, seconds])
  })

  it('of a disabled account ends the session, with that reason', async () => {
    const { login, user, heard } = await signedIn()
    await system.database.transact(tx =>
      tx.updateTable('accounts').set({ status: 'disabled' }).where('id', '=', user.id).execute(),
    )
    expire()
    expect(await outcomeOf(login.request({ url: '/me' }))).toBe('ACCOUNT_DISABLED')
    expect(heard).toEqual([[undefined, 'ACCOUNT_DISABLED']])
  })

  it('that ends when the session is another one, or none, leaves that alone', async () => {
    const { login, phone, wx } = await signedIn()
    const gates: (() => void)[] = []
    for (let i = 0; i < 2; i++) phone.bend('/token/refresh', () => new Promise<void>(resolve => gates.push(resolve)))
    expire()
    const first = login.request({ url: '/me' })
    await expect.poll(() => gates.length).toBe(1)
    // Signed in anew meanwhile, with the phone button.
    system.emulator.changeUser(phone.user.id, { phone: '13900003001' })
    await login.signInWithPhone(await wx.tapPhoneButton())
    gates[0]?.()
    expect((await first).statusCode).toBe(200)
    expect(bearers(phone, '/me')).not.toContain(bearers(phone, '/logout')[0])
    expect((await login.sessions()).filter(({ current }) => current).length).toBe(1)

    // Signed out meanwhile, by another instance of the SDK.
    expire()
    const second = login.request({ url: '/me' })
    await expect.poll(() => gates.length).toBe(2)
    wx.setStorageSync('mplogin', 'null')
    gates[1]?.()
    expect(await outcomeOf(second)).toBe('UNAUTHENTICATED')
    expect([login.user, wx.getStorageSync('mplogin')]).toEqual([undefined, 'null'])
  })

  it('is not begun for a person by the request of another', async () => {
    const { login, phone, unawares } = await signedIn()
    const stranger = await signedIn()
    unawares()
    let release = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    phone.bend('/me', () => held)
    const late = login.request({ url: '/me', method: 'POST', data: { nickname: '我' } })
    await expect.poll(() => phone.sentTo('/me').length).toBe(1)
    // Another instance of the SDK signs somebody else in on this phone.
    phone.storage().set('mplogin', stranger.phone.storage().get('mplogin') as never)
    release()
    expect(await outcomeOf(late)).toBe('UNAUTHENTICATED')
    expect(phone.sentTo('/me').length).toBe(1)
    expect(login.user?.id).toBe(stranger.user.id)
  })
})
