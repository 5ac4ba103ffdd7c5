import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../emulator.js'
import { createWx, type Wx } from './create-wx.js'
import type { WxOptions } from './options.js'
import type { WxRequestOptions, WxRequestResult } from './request.js'
import type { WxFailure } from './settle.js'

interface Received {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}
type Answering = (received: Received, response: ServerResponse) => void

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a' }
let server: Server
let url: string
let received: Received[]
let answer: Answering
let emulator: Emulator
let wx: Wx
const echo: Answering = (request, response) => {
  response.setHeader('content-type', 'application/json')
  response.setHeader('x-made-by', 'a test')
  response.setHeader('set-cookie', ['a=1', 'b=2'])
  response.end(JSON.stringify(request))
}
const start = (options: WxOptions = {}) => {
  wx = createWx(emulator, emulator.createUser(), options)
}
beforeAll(async () => {
  emulator = await startEmulator({ apps: [app] })
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body }
    received.push(one)
    answer(one, response)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  received = []
  answer = echo
  start()
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await emulator.close()
})

/** What becomes of a request: its result or its failure, which is complete’s too. */
function outcome(options: Partial<WxRequestOptions>, act: (task: ReturnType<Wx['request']>) => void = () => undefined) {
  return new Promise<{ ok: boolean } & Partial<WxRequestResult & WxFailure>>(resolve => {
    const results: object[] = []
    let ok = false
    const task = wx.request({
      url,
      ...options,
      success(result) {
        ok = true
        results.push(result)
      },
      fail: failed => void results.push(failed),
      complete(result) {
        results.push(result)
        expect(results).toEqual([result, result])
        resolve({ ok, ...result })
      },
    })
    act(task)
  })
}

describe('wx.request', () => {
  it('is a success whatever the status is, JSON parsed where it can be', async () => {
    expect(await outcome({})).toMatchObject({
      ok: true,
      errMsg: 'request:ok',
      statusCode: 200,
      data: { method: 'GET', url: '/' },
      header: { 'Content-Type': 'application/json', 'X-Made-By': 'a test' },
      cookies: ['a=1', 'b=2'],
    })
    for (const statusCode of [204, 302, 401, 404, 500, 503]) {
      answer = (_request, response) => {
        response.statusCode = statusCode
        response.end(statusCode === 204 ? undefined : 'no JSON')
      }
      expect(await outcome({})).toMatchObject({ ok: true, statusCode, data: statusCode === 204 ? '' : 'no JSON' })
    }
  })

  it('puts data into the query of a GET, and into the body of others: JSON, or a form, or as it is', async () => {
    await outcome({ url: `${url}/a?x=1`, data: { name: '林 晓', n: 2, o: { p: 1 } } })
    await outcome({ method: 'POST', data: { name: '林晓' } })
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    await outcome({ method: 'PUT', data: { name: '林 晓', n: 2 }, header: form })
    await outcome({ method: 'POST', data: 'as it is', header: { 'content-type': 'text/plain' } })
    await outcome({ method: 'POST', data: new TextEncoder().encode('bytes').buffer as ArrayBuffer })
    await outcome({ method: 'DELETE' })
    expect(received.map(({ method, url: path, body }) => [method, decodeURIComponent(path), body])).toEqual([
      ['GET', '/a?x=1&name=林+晓&n=2&o={"p":1}', ''],
      ['POST', '/', '{"name":"林晓"}'],
      ['PUT', '/', 'name=%E6%9E%97%20%E6%99%93&n=2'],
      ['POST', '/', 'as it is'],
      ['POST', '/', 'bytes'],
      ['DELETE', '/', ''],
    ])
    expect(received.map(({ headers }) => headers['content-type'])).toEqual([
      'application/json',
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/json',
      'application/json',
    ])
  })

  it('sends its own Referer, which cannot be set', async () => {
    await outcome({ header: { Referer: 'https://evil.example.com', 'X-Mine': 1, authorization: undefined } })
    start({ envVersion: 'release', version: '12' })
    await outcome({})
    expect(received[0]?.headers).toMatchObject({
      referer: `https://servicewechat.com/${app.appid}/0/page-frame.html`,
      'x-mine': '1',
    })
    expect(received[0]?.headers).not.toHaveProperty('authorization')
    expect(received[1]?.headers.referer).toBe(`https://servicewechat.com/${app.appid}/12/page-frame.html`)
  })

  it('leaves text as it is and gives bytes, when asked to', async () => {
    answer = (_request, response) => void response.end('{"a":1}')
    expect((await outcome({ dataType: 'text' })).data).toBe('{"a":1}')
    const { data } = await outcome({ responseType: 'arraybuffer' })
    expect(new TextDecoder().decode(data)).toBe('{"a":1}')
  })

  it.each<[string, Partial<WxRequestOptions>, WxFailure]>([
    ['a path alone', { url: '/login' }, { errMsg: 'request:fail invalid url "/login"', errno: 600009 }],
    ['another scheme', { url: 'ftp://x' }, { errMsg: 'request:fail invalid url "ftp://x"', errno: 600009 }],
    [
      'no address',
      { url: undefined as unknown as string },
      { errMsg: 'request:fail invalid url "undefined"', errno: 600009 },
    ],
    ['PATCH, which WeChat does not have', { method: 'PATCH' }, { errMsg: 'request:fail method invalid' }],
    ['a method in small letters', { method: 'post' }, { errMsg: 'request:fail method invalid' }],
  ])('fails with %s, and sends nothing', async (_title, options, failed) => {
    expect(await outcome(options)).toEqual({ ok: false, ...failed })
    expect(received).toEqual([])
  })

  it('follows redirects, unless it is told to leave them', async () => {
    answer = (request, response) => {
      if (request.url === '/there') return echo(request, response)
      response.writeHead(302, { location: `${url}/there` }).end()
    }
    expect(await outcome({})).toMatchObject({ ok: true, statusCode: 200, data: { url: '/there' } })
    expect(await outcome({ redirect: 'manual' })).toMatchObject({
      ok: true,
      statusCode: 302,
      header: { Location: `${url}/there` },
    })
  })

  it('goes to listed domains only, when there is a list', async () => {
    start({ domains: [url] })
    expect((await outcome({ url: `${url}/login` })).ok).toBe(true)
    expect(await outcome({ url: 'http://127.0.0.1:1/' })).toEqual({
      ok: false,
      errMsg: 'request:fail url not in domain list',
      errno: 600002,
    })
  })

  it('fails with errno 600001 where nobody listens, and where the answer is cut', async () => {
    expect(await outcome({ url: 'http://127.0.0.1:1/' })).toEqual({
      ok: false,
      errMsg: expect.stringMatching(/^request:fail net::ERR_/),
      errno: 600001,
    })
    answer = (_request, response) => void response.destroy()
    expect(await outcome({})).toMatchObject({ ok: false, errno: 600001 })
  })

  it('fails with errno 5 when its time is up: its own, or that of all', async () => {
    answer = () => undefined
    const late = { ok: false, errMsg: 'request:fail timeout', errno: 5 }
    expect(await outcome({ timeout: 30 })).toEqual(late)
    start({ timeoutMs: 30 })
    expect(await outcome({})).toEqual(late)
  })

  it('can be aborted, while it is sent and while it waits', async () => {
    answer = () => undefined
    const aborted = { ok: false, errMsg: 'request:fail abort' }
    expect(await outcome({}, task => setTimeout(() => task.abort(), 30))).toEqual(aborted)
    for (let i = 0; i < 10; i++) outcome({})
    expect(await outcome({}, task => task.abort())).toEqual(aborted)
    // Once it has ended, nothing more happens.
    start()
    answer = echo
    let task: ReturnType<Wx['request']> | undefined
    expect((await outcome({}, started => (task = started))).ok).toBe(true)
    task?.abort()
  })

  it('tells its headers before its body', async () => {
    const heard: unknown[] = []
    await outcome({}, task => task.onHeadersReceived(answered => heard.push(answered)))
    expect(heard).toMatchObject([{ statusCode: 200, header: { 'X-Made-By': 'a test' }, cookies: ['a=1', 'b=2'] }])
  })

  it('sends 10 at once; the others wait for their turn, in order', async () => {
    const open: ServerResponse[] = []
    answer = (_request, response) => void open.push(response)
    const results = Array.from({ length: 25 }, (_, i) => outcome({ url: `${url}/${i}` }))
    await expect.poll(() => received.length).toBe(10)
    await new Promise(resolve => setTimeout(resolve, 30))
    expect(received.map(({ url: path }) => path).sort()).toEqual(Array.from({ length: 10 }, (_, i) => `/${i}`).sort())
    for (const response of open.splice(0, 3)) response.end('{}')
    await expect.poll(() => received.length).toBe(13)
    while (received.length < 25 || open.length > 0) {
      for (const response of open.splice(0)) response.end('{}')
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    const done = await Promise.all(results)
    expect(done.every(({ ok }) => ok)).toBe(true)
    const { queueStart, queueEnd } = done[24]?.profile ?? { queueStart: 0, queueEnd: 0 }
    expect(queueEnd - queueStart).toBeGreaterThan(20)
  })

  it('counts its time from when it is sent', async () => {
    const open: ServerResponse[] = []
    answer = (_request, response) => void open.push(response)
    for (let i = 0; i < 10; i++) outcome({})
    const waiting = outcome({ timeout: 40 })
    await new Promise(resolve => setTimeout(resolve, 80))
    answer = echo
    for (const response of open) response.end('{}')
    expect((await waiting).ok).toBe(true)
  })

  it('fails when the network goes, sent or not, and works again when it is back', async () => {
    answer = () => undefined
    const sent = Array.from({ length: 12 }, () => outcome({}))
    await expect.poll(() => received.length).toBe(10)
    wx.setOffline(true)
    const failed = { ok: false, errMsg: 'request:fail net::ERR_INTERNET_DISCONNECTED', errno: 600001 }
    expect(await Promise.all([...sent, outcome({})])).toEqual(Array.from({ length: 13 }, () => failed))
    wx.setOffline(false)
    answer = echo
    expect((await outcome({})).ok).toBe(true)
  })
})

describe('a mini program in the background', () => {
  const interrupted = { ok: false, errMsg: 'request:fail interrupted', errno: 600003 }

  it('loses what is not finished in its time', async () => {
    start({ interruptedAfterMs: 40 })
    answer = () => undefined
    const before = performance.now()
    const sent = Array.from({ length: 11 }, () => outcome({}))
    wx.hideApp()
    expect(await Promise.all(sent)).toEqual(Array.from({ length: 11 }, () => interrupted))
    expect(performance.now() - before).toBeGreaterThan(38)
    expect(await outcome({})).toEqual(interrupted)
    answer = echo
    expect((await outcome({})).ok).toBe(true)
  })

  it('keeps its requests when it is back in time', async () => {
    start({ interruptedAfterMs: 60 })
    answer = (request, response) => void setTimeout(() => echo(request, response), 120)
    const sent = outcome({})
    wx.hideApp()
    await new Promise(resolve => setTimeout(resolve, 20))
    wx.showApp()
    expect((await sent).ok).toBe(true)
  })

  it('is told when it goes and when it comes', () => {
    const told: unknown[] = []
    const onShow = (options: object) => void told.push(options)
    const onHide = () => void told.push('hidden')
    wx.onAppShow(onShow)
    wx.onAppHide(onHide)
    wx.hideApp()
    wx.hideApp()
    wx.showApp({ query: { from: 'a card' }, scene: 1007 })
    wx.showApp()
    expect(told).toEqual(['hidden', { path: 'pages/index/index', query: { from: 'a card' }, scene: 1007 }])
    wx.offAppShow(onShow)
    wx.offAppHide()
    wx.hideApp()
    wx.showApp()
    expect(told).toHaveLength(2)
  })
})

describe('wx.uploadFile', () => {
  it('sends a file with its fields as a form; the answer stays text', async () => {
    const filePath = wx.addTempFile('a picture', { extension: 'png', type: 'image/png' })
    const result = await new Promise<Partial<WxRequestResult>>(success =>
      wx.uploadFile({
        url,
        filePath,
        name: 'avatar',
        formData: { nickname: '林晓' },
        header: { 'content-type': 'x', authorization: 'Bearer x' },
        success,
      }),
    )
    expect(result).toMatchObject({
      errMsg: 'uploadFile:ok',
      statusCode: 200,
      data: expect.stringMatching(/^\{"method":"POST"/),
    })
    const [{ headers, body } = {} as Received] = received
    expect([headers.authorization, headers['content-type']]).toEqual([
      'Bearer x',
      expect.stringMatching(/^multipart\/form-data; boundary=/),
    ])
    expect(body).toMatch(/name="nickname"\r\n\r\n林晓/)
    expect(body).toMatch(/name="avatar"; filename="tmp_1\.png"\r\nContent-Type: image\/png\r\n\r\na picture/)
  })

  it('fails without the file, and shares the 10 at once with requests', async () => {
    const failed = await new Promise(fail => wx.uploadFile({ url, filePath: 'wxfile://nothing.png', name: 'a', fail }))
    expect(failed).toEqual({ errMsg: 'uploadFile:fail file not found: wxfile://nothing.png' })
    answer = () => undefined
    for (let i = 0; i < 10; i++) outcome({})
    const late = new Promise(fail =>
      wx.uploadFile({ url, filePath: wx.addTempFile(new Uint8Array([1])), name: 'a', fail }).abort(),
    )
    expect(await late).toEqual({ errMsg: 'uploadFile:fail abort' })
    await expect.poll(() => received.length).toBe(10)
  })
})

describe('what a phone tells of itself', () => {
  it('is its app, its make and its network', async () => {
    expect(wx.getAccountInfoSync()).toEqual({ miniProgram: { appId: app.appid, envVersion: 'develop', version: '' } })
    expect(wx.getSystemInfoSync()).toMatchObject({
      platform: 'devtools',
      SDKVersion: expect.any(String),
      language: 'zh_CN',
    })
    start({ device: { platform: 'ios', model: 'iPhone 15' }, envVersion: 'release', version: '1.2.3' })
    expect(wx.getDeviceInfo()).toMatchObject({ platform: 'ios', model: 'iPhone 15' })
    expect(wx.getAppBaseInfo()).toMatchObject({ SDKVersion: expect.any(String), language: 'zh_CN' })
    expect(wx.getAccountInfoSync().miniProgram).toMatchObject({ envVersion: 'release', version: '1.2.3' })
    const told: unknown[] = []
    wx.onNetworkStatusChange(state => told.push(state))
    expect(await wx.getNetworkType()).toEqual({
      networkType: 'wifi',
      hasSystemProxy: false,
      errMsg: 'getNetworkType:ok',
    })
    wx.setOffline(true)
    wx.setOffline(true)
    expect((await wx.getNetworkType()).networkType).toBe('none')
    wx.setOffline(false)
    wx.offNetworkStatusChange()
    wx.setOffline(true)
    expect(told).toEqual([
      { isConnected: false, networkType: 'none' },
      { isConnected: true, networkType: 'wifi' },
    ])
  })
})
