import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createWechat, type Wechat } from './client.js'
import type { WechatCall, WechatOptions } from './options.js'

type Handler = (request: IncomingMessage & { text: string }, response: ServerResponse) => void

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A server that does to the wire what the emulator would not, and notes the requests it got. */
async function listen(handler: Handler) {
  const requests: string[] = []
  const bodies: string[] = []
  const server: Server = createServer(async (request, response) => {
    requests.push(request.url ?? '')
    let text = ''
    for await (const chunk of request) text += chunk
    bodies.push(text)
    handler(Object.assign(request, { text }), response)
  })
  const url = await open(server)
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url, requests, bodies }
}

async function open(server: Server | TcpServer): Promise<string> {
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function findClosedPort(): Promise<number> {
  const server = createTcpServer()
  const url = await open(server)
  await new Promise(resolve => server.close(resolve))
  return Number(new URL(url).port)
}

function createClient(apiBase: string, options: Partial<WechatOptions> = {}): Wechat & { calls: WechatCall[] } {
  const calls: WechatCall[] = []
  const wechat = createWechat({
    appid: 'wx1',
    secret: 's3cret',
    apiBase,
    random: () => 0,
    onCall: call => calls.push(call),
    ...options,
  })
  closers.push(() => wechat.close())
  return { ...wechat, calls }
}

const session = JSON.stringify({ session_key: 'tiihtNczf5v6AKRyjwEUhQ==', openid: 'oUser' })

describe('what is sent', () => {
  it('is a GET with exactly the four parameters, under the prefix of apiBase', async () => {
    const { url, requests } = await listen((_request, response) => response.end(session))
    await createClient(`${url}/gateway/`).exchangeCode('co de&x=1')
    expect(requests).toEqual([
      '/gateway/sns/jscode2session?appid=wx1&secret=s3cret&js_code=co+de%26x%3D1&grant_type=authorization_code',
    ])
  })

  it('sends the openid with the phone code, unless it is told not to', async () => {
    const answer = (path: string | undefined) =>
      path?.startsWith('/cgi-bin')
        ? { access_token: 'T', expires_in: 7200 }
        : { errcode: 0, phone_info: { countryCode: 86, purePhoneNumber: '13800000000', watermark: { timestamp: 1 } } }
    const { url, bodies, requests } = await listen(({ url: path }, response) =>
      response.end(JSON.stringify(answer(path))),
    )
    await createClient(url).getPhoneNumber('p1', { openid: 'oUser' })
    await createClient(url, { checkPhoneOwner: false }).getPhoneNumber('p2', { openid: 'oUser' })
    expect(bodies.filter(body => body.includes('"code"'))).toEqual(['{"code":"p1","openid":"oUser"}', '{"code":"p2"}'])
    expect(requests).toContain('/wxa/business/getuserphonenumber?access_token=T')
  })

  it('goes over connections that are kept alive', async () => {
    const ports = new Set<number | undefined>()
    const { url } = await listen((request, response) => {
      ports.add(request.socket.remotePort)
      response.end(session)
    })
    const wechat = createClient(url)
    for (let n = 0; n < 20; n += 1) await wechat.exchangeCode(`code-${n}`)
    // A call that starts in the very turn the one before it ended may open a second one.
    expect(ports.size).toBeLessThanOrEqual(2)
  })

  it('goes through an injected fetch instead, which must not follow redirects', async () => {
    const seen: (RequestInit | undefined)[] = []
    const fetch: typeof globalThis.fetch = async (input, init) => {
      seen.push(init)
      return globalThis.fetch(input, init)
    }
    const { url, requests } = await listen(({ url: path }, response) =>
      path?.includes('away') ? response.writeHead(302, { location: '/elsewhere' }).end() : response.end(session),
    )
    const wechat = createClient(url, { fetch })
    await expect(wechat.exchangeCode('c')).resolves.toMatchObject({ openid: 'oUser' })
    await expect(wechat.exchangeCode('away')).rejects.toMatchObject({ code: 'UNREADABLE' })
    expect(seen).toHaveLength(2)
    expect(requests).toHaveLength(2)
  })
})

describe('what is read', () => {
  it('takes JSON called text/plain, as WeChat sends it', async () => {
    const { url } = await listen((_request, response) => response.setHeader('content-type', 'text/plain').end(session))
    await expect(createClient(url).exchangeCode('c')).resolves.toEqual({
      openid: 'oUser',
      sessionKey: 'tiihtNczf5v6AKRyjwEUhQ==',
    })
  })

  it.each([
    ['an HTML page', 200, '<html>maintenance</html>'],
    ['a gateway’s 502', 502, '<html>502 Bad Gateway</html>'],
    ['a success without openid', 200, '{"session_key":"x"}'],
    ['a success without session_key', 200, '{"openid":"o1"}'],
  ])('calls %s unreadable and does not send the code again', async (_name, status, body) => {
    const { url, requests } = await listen((_request, response) => response.writeHead(status).end(body))
    const wechat = createClient(url)
    await expect(wechat.exchangeCode('c')).rejects.toMatchObject({ kind: 'unreadable', code: 'UNREADABLE' })
    expect(requests).toHaveLength(1)
    expect(wechat.calls).toEqual([
      { appid: 'wx1', path: '/sns/jscode2session', durationMs: expect.any(Number), status, failure: 'UNREADABLE' },
    ])
  })

  it('takes an answer in pieces, after early hints and with a mark of its bytes', async () => {
    const text = JSON.stringify({ session_key: 'k', openid: 'o用户😀' })
    const { url } = await listen(async (_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      for (const byte of Buffer.from(`\ufeff${text}`)) {
        response.write(Buffer.from([byte]))
        await new Promise(resolve => setImmediate(resolve))
      }
      response.end()
    })
    await expect(createClient(url).exchangeCode('c')).resolves.toEqual({ openid: 'o用户😀', sessionKey: 'k' })
  })

  it('calls an answer that breaks off unreadable', async () => {
    const { url, requests } = await listen((_request, response) => {
      response.writeHead(200, { 'content-length': session.length })
      response.write(session.slice(0, 20), () => response.destroy())
    })
    await expect(createClient(url).exchangeCode('c')).rejects.toMatchObject({ kind: 'unreadable', code: 'UNREADABLE' })
    expect(requests).toHaveLength(1)
  })

  it('does not take an answer without end into memory', async () => {
    const { url } = await listen((_request, response) => {
      response.write('x'.repeat(2 * 1024 * 1024))
    })
    await expect(createClient(url).exchangeCode('c')).rejects.toMatchObject({ code: 'UNREADABLE' })
  })
})

describe('no answer', () => {
  it('sends a code again when the connection was refused: nothing had left', async () => {
    const port = await findClosedPort()
    const wechat = createClient(`http://127.0.0.1:${port}`)
    const server = createServer((_request, response) => response.end(session))
    closers.push(() => server.close())
    setTimeout(() => server.listen(port, '127.0.0.1'), 40)
    await expect(wechat.exchangeCode('c')).resolves.toMatchObject({ openid: 'oUser' })
    expect(wechat.calls.map(({ failure }) => failure)).toEqual(['UNREACHABLE', undefined])
    server.closeAllConnections()
  })

  it('gives up after three refused connections, saying that nothing was sent and why', async () => {
    const wechat = createClient(`http://127.0.0.1:${await findClosedPort()}`)
    await expect(wechat.exchangeCode('c')).rejects.toMatchObject({
      kind: 'no_answer',
      code: 'UNREACHABLE',
      requestSent: false,
      message: '/sns/jscode2session: no answer (ECONNREFUSED)',
      cause: { code: 'ECONNREFUSED' },
    })
    expect(wechat.calls).toHaveLength(3)
  })

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])('sends a code again after %s', async code => {
    let sent = 0
    const fetch = async () => {
      sent += 1
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('https://host/?secret=s3cret'), { code }) })
    }
    await expect(createClient('https://host', { fetch }).exchangeCode('c')).rejects.toMatchObject({
      requestSent: false,
    })
    expect(sent).toBe(3)
  })

  it('does not send a code again when the connection broke after the request', async () => {
    const { url, requests } = await listen(request => request.socket.destroy())
    await expect(createClient(url).exchangeCode('c')).rejects.toMatchObject({ code: 'UNREACHABLE', requestSent: true })
    expect(requests).toHaveLength(1)
  })

  it.each([
    ['headers', () => {}],
    ['the rest of the body', (_request: unknown, response: ServerResponse) => response.write('{')],
  ])('waits for %s no longer than timeoutMs, and does not send the code again', async (_name, handler) => {
    const { url, requests } = await listen(handler)
    const startedMs = performance.now()
    await expect(createClient(url, { timeoutMs: 150 }).exchangeCode('c')).rejects.toMatchObject({
      code: 'UNREACHABLE',
      requestSent: true,
      message: '/sns/jscode2session: no answer within 150 ms',
    })
    expect(performance.now() - startedMs).toBeLessThan(1000)
    expect(requests).toHaveLength(1)
  })

  it('holds an injected fetch that ignores its signal to the time limit too', async () => {
    const wechat = createClient('https://host', { timeoutMs: 50, fetch: () => new Promise(() => {}) })
    await expect(wechat.exchangeCode('c')).rejects.toMatchObject({ code: 'UNREACHABLE', requestSent: true })
  })

  it.each([
    ['signal', () => ({ signal: AbortSignal.timeout(50) })],
    ['time limit', () => ({ timeoutMs: 50 })],
  ])('ends at the caller’s %s, before that of a call', async (_name, limit) => {
    const { url } = await listen(() => {})
    const startedMs = performance.now()
    await expect(createClient(url).exchangeCode('c', limit())).rejects.toMatchObject({
      code: 'UNREACHABLE',
      requestSent: true,
      message: '/sns/jscode2session: the caller gave up waiting',
    })
    expect(performance.now() - startedMs).toBeLessThan(1000)
  })

  it('counts the access token, every try and the pauses into the caller’s time limit', async () => {
    const { url, requests } = await listen(({ url: path }, response) => {
      const answer = path?.startsWith('/cgi-bin') ? { access_token: 'T', expires_in: 7200 } : { errcode: -1 }
      setTimeout(() => response.end(JSON.stringify(answer)), 400)
    })
    const startedMs = performance.now()
    // The token takes 400 ms, the first try ends at 800, the pause at 900; the second try would end at 1300.
    await expect(createClient(url).getPhoneNumber('p', { timeoutMs: 1150 })).rejects.toMatchObject({
      message: '/wxa/business/getuserphonenumber: the caller gave up waiting',
    })
    expect(performance.now() - startedMs).toBeLessThan(1290)
    expect(requests).toHaveLength(3)
  })

  it('learns nothing of WeChat from callers in a hurry', async () => {
    let isSilent = true
    const { url } = await listen((_request, response) => void (isSilent || response.end(session)))
    const wechat = createClient(url)
    const hurried = Array.from({ length: 40 }, (_, i) => wechat.exchangeCode(`c${i}`, { timeoutMs: 20 }))
    expect(new Set((await Promise.allSettled(hurried)).map(({ status }) => status))).toEqual(new Set(['rejected']))
    isSilent = false
    await expect(wechat.exchangeCode('c')).resolves.toMatchObject({ openid: 'oUser' })
  })

  it('lets nobody wait longer than they will for the one call that tells whether WeChat is back', async () => {
    const { url } = await listen(() => {})
    const wechat = createClient(url, { timeoutMs: 1500 })
    const asked = Array.from({ length: 20 }, (_, i) => wechat.exchangeCode(`c${i}`).catch(() => undefined))
    await Promise.all(asked)
    let probing: Promise<unknown> | undefined
    while (wechat.calls.length === 20 && !probing) {
      await new Promise(resolve => setTimeout(resolve, 1600))
      probing = wechat.exchangeCode('probe').catch((error: { code: string }) => error.code)
    }
    const startedMs = performance.now()
    await expect(wechat.exchangeCode('c', { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      requestSent: false,
    })
    expect(performance.now() - startedMs).toBeLessThan(1000)
    expect(await probing).toBe('UNREACHABLE')
  })

  it.each([Number.NaN, '100', null])('takes no %s for a time limit', async timeoutMs => {
    const limit = { timeoutMs: timeoutMs as number }
    const { url, requests } = await listen((_request, response) => response.end(session))
    await expect(createClient(url).exchangeCode('c', limit)).rejects.toThrow(TypeError)
    await expect(createClient(url).accessToken.get(limit)).rejects.toThrow(TypeError)
    await expect(createClient(url).exchangeCode('c', { timeoutMs: 2 ** 40 })).resolves.toMatchObject({
      openid: 'oUser',
    })
    expect(requests).toHaveLength(1)
  })

  it('sends nothing when the caller had given up already', async () => {
    const { url, requests } = await listen((_request, response) => response.end(session))
    for (const limit of [{ signal: AbortSignal.abort() }, { timeoutMs: 0 }]) {
      await expect(createClient(url).exchangeCode('c', limit)).rejects.toMatchObject({
        code: 'UNREACHABLE',
        requestSent: false,
      })
    }
    expect(requests).toEqual([])
  })

  it('does not let a broken observer change the outcome', async () => {
    const { url } = await listen((_request, response) => response.end(session))
    const onCall = () => {
      throw new Error('observer')
    }
    await expect(createClient(url, { onCall }).exchangeCode('c')).resolves.toMatchObject({ openid: 'oUser' })
  })
})

describe('our caller’s mistakes', () => {
  it.each([[''], [undefined], [5]])('are TypeErrors (code %j)', async code => {
    const wechat = createClient('http://127.0.0.1:1')
    await expect(wechat.exchangeCode(code as string)).rejects.toThrow(
      new TypeError('code: expected a non-empty string'),
    )
    await expect(wechat.getPhoneNumber(code as string)).rejects.toThrow(TypeError)
    expect(wechat.calls).toEqual([])
  })

  it('include an empty openid', async () => {
    const wechat = createClient('http://127.0.0.1:1')
    await expect(wechat.getPhoneNumber('p', { openid: '' })).rejects.toThrow(
      new TypeError('openid: expected a non-empty string'),
    )
  })

  it('do not include closing twice', async () => {
    const wechat = createClient('http://127.0.0.1:1')
    await wechat.close()
    await wechat.close()
  })
})

describe('more calls than there are connections', () => {
  it('to a WeChat that is silent are all over in time, those too that wait for a connection', async () => {
    const silent = createTcpServer(socket => {
      socket.on('error', () => {})
      closers.push(() => socket.destroy())
    })
    const url = await open(silent)
    closers.push(() => silent.close())
    const { exchangeCode } = createClient(url, { timeoutMs: 400 })
    const startedMs = performance.now()
    const calls = Array.from({ length: 300 }, (_, i) => exchangeCode(`code-${i}`).catch(error => error.code))
    const outcomes = new Set(await Promise.all(calls))
    expect(performance.now() - startedMs).toBeLessThan(2000)
    for (const outcome of outcomes) expect(['UNREACHABLE', 'CIRCUIT_OPEN']).toContain(outcome)
  })
})
