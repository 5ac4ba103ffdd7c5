import { createDecipheriv, createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../emulator.js'
import type { AppPush } from '../world/types.js'
import { createWorld } from '../world/world.js'
import { createPush } from './push.js'

const encodingAESKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a', openPlatform: 'platform' }
const start = new Date('2026-06-01T08:00:00Z')

/** What the app's server got. */
interface Received {
  method: string
  query: Record<string, string>
  type: string | undefined
  body: string
}
let received: Received[] = []
let answer: (response: ServerResponse, request: IncomingMessage) => void
let server: Server
let url: string
let emulator: Emulator
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const query = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams)
    received.push({ method: request.method ?? '', query, type: request.headers['content-type'], body })
    answer(response, request)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/wechat/events?shop=1`
  emulator = await startEmulator({ apps: [app], clock: () => start })
})
beforeEach(() => {
  received = []
  answer = response => response.end('success')
  emulator.reset()
})
afterAll(async () => {
  await emulator.close()
  server.closeAllConnections()
  server.close()
})

const setPush = (more: Partial<AppPush> = {}) =>
  emulator.addApp({ ...app, push: { url, token: 'the-token', encodingAESKey, ...more } })
const sha1 = (...parts: string[]) => createHash('sha1').update(parts.sort().join('')).digest('hex')

function decrypt(encrypted: string): { text: string; appid: string } {
  const key = Buffer.from(`${encodingAESKey}=`, 'base64')
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()])
  const plain = padded.subarray(0, padded.length - (padded.at(-1) ?? 0))
  expect(padded.length % 32).toBe(0)
  const length = plain.readUInt32BE(16)
  return { text: plain.subarray(20, 20 + length).toString(), appid: plain.subarray(20 + length).toString() }
}

describe('a push', () => {
  it('tells in JSON, signed, what was taken back', async () => {
    setPush()
    const user = emulator.createUser()
    const result = await emulator.push({ userId: user.id, event: 'user_authorization_revoke' })
    const [{ method, query, type, body } = {} as Received] = received
    expect([method, type, query.shop, query.openid]).toEqual(['POST', 'application/json', '1', undefined])
    expect(query.signature).toBe(sha1('the-token', query.timestamp ?? '', query.nonce ?? ''))
    expect(JSON.parse(body)).toEqual({
      ToUserName: expect.stringMatching(/^gh_[0-9a-f]{12}$/),
      FromUserName: user.openid,
      CreateTime: start.getTime() / 1000,
      MsgType: 'event',
      Event: 'user_authorization_revoke',
      OpenID: user.openid,
      UnionID: user.unionid,
      AppID: app.appid,
      RevokeInfo: '8',
    })
    expect(result).toEqual({
      delivered: true,
      attempts: [{ status: 200, body: 'success', durationMs: expect.any(Number) }],
      message: JSON.parse(body),
    })
  })

  it('is XML where the app set so, and has no RevokeInfo when nothing was taken back', async () => {
    setPush({ format: 'xml' })
    const { id, openid } = emulator.createUser()
    await emulator.push({ userId: id, event: 'user_authorization_cancellation' })
    const [{ type, body } = {} as Received] = received
    expect(type).toBe('text/xml')
    expect(body).toMatch(/^<xml><ToUserName><!\[CDATA\[gh_\w+\]\]><\/ToUserName>.*<\/xml>$/)
    expect(body).toContain(`<OpenID><![CDATA[${openid}]]></OpenID>`)
    expect(body).toContain(`<CreateTime>${start.getTime() / 1000}</CreateTime>`)
    expect(body).not.toContain('RevokeInfo')
  })

  it('is encrypted in the safe mode, with a signature over it', async () => {
    setPush({ mode: 'safe' })
    const { id, openid } = emulator.createUser()
    const { message } = await emulator.push({ userId: id, event: 'user_info_modified' })
    const [{ query, body } = {} as Received] = received
    const { ToUserName, Encrypt, ...more } = JSON.parse(body)
    expect([ToUserName, more, query.encrypt_type, query.openid]).toEqual([message.ToUserName, {}, 'aes', openid])
    expect(query.msg_signature).toBe(sha1('the-token', query.timestamp ?? '', query.nonce ?? '', Encrypt))
    expect(query.signature).toBe(sha1('the-token', query.timestamp ?? '', query.nonce ?? ''))
    expect(decrypt(Encrypt)).toEqual({ text: JSON.stringify(message), appid: app.appid })
  })

  it('is encrypted as XML too, and in both texts in the compatible mode', async () => {
    setPush({ mode: 'compatible', format: 'xml' })
    await emulator.push({ userId: emulator.createUser().id, event: 'user_info_modified' })
    const [{ body } = {} as Received] = received
    const [, encrypted = ''] = /<Encrypt><!\[CDATA\[(.+?)\]\]><\/Encrypt>/.exec(body) ?? []
    expect(decrypt(encrypted).text).toMatch(/^<xml>.*<Event><!\[CDATA\[user_info_modified\]\]><\/Event>.*<\/xml>$/)
    expect(body).toContain('<Event><![CDATA[user_info_modified]]></Event>')
  })

  it('is sent again, the same message, until it is accepted', async () => {
    setPush()
    const answers = [500, 200]
    answer = response => {
      response.statusCode = answers[received.length - 1] ?? 0
      response.end()
    }
    const result = await emulator.push({ userId: emulator.createUser().id, event: 'user_authorization_revoke' })
    expect([result.delivered, result.attempts.map(({ status }) => status)]).toEqual([true, [500, 200]])
    expect(received[1]?.body).toBe(received[0]?.body)
    expect(received[1]?.query.nonce).not.toBe(received[0]?.query.nonce)
  })

  it.each<[string, (response: ServerResponse) => void]>([
    ['other words', response => void response.end('thanks')],
    ['a redirect', response => void response.writeHead(302, { location: '/elsewhere' }).end()],
    ['a cut connection', response => void response.destroy()],
  ])('is given up after three times of %s', async (_title, answering) => {
    setPush()
    answer = answering
    const result = await emulator.push({ userId: emulator.createUser().id, event: 'user_authorization_revoke' })
    expect([result.delivered, result.attempts.length, received.length]).toEqual([false, 3, 3])
  })

  it('accepts an encrypted reply', async () => {
    setPush()
    answer = response => void response.end('{"Encrypt":"x","MsgSignature":"y","TimeStamp":1,"Nonce":"z"}')
    const result = await emulator.push({ userId: emulator.createUser().id, event: 'user_info_modified' })
    expect(result.delivered).toBe(true)
  })

  it('waits for an answer for its time and no longer', async () => {
    const world = createWorld({
      apps: [{ ...app, push: { url, token: 't' } }],
      clock: () => start,
      random: count => Buffer.alloc(count, 7),
    })
    const push = createPush({ world, allowRemote: false, timeoutMs: 50 })
    answer = () => undefined
    const before = performance.now()
    const { id } = world.users.create({})
    const result = await push.send({ userId: id, event: 'user_info_modified' })
    expect(result.attempts.map(({ status, error }) => [status, error])).toEqual(
      Array.from({ length: 3 }, () => [null, 'no answer in time']),
    )
    expect(performance.now() - before).toBeLessThan(2000)
  })

  it('is cut short when the emulator closes', async () => {
    const own = await startEmulator({ apps: [{ ...app, push: { url, token: 't' } }] })
    answer = () => undefined
    const waiting = own.push({ userId: own.createUser().id, event: 'user_info_modified' })
    await expect.poll(() => received.length).toBe(1)
    await own.close()
    expect((await waiting).delivered).toBe(false)
  })

  it('goes to this machine only, unless remote access is allowed', async () => {
    setPush({ url: 'https://shop.example.com/events' })
    const { id } = emulator.createUser()
    await expect(emulator.push({ userId: id, event: 'user_info_modified' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
    await expect(emulator.push({ userId: id, event: 'user_info_modified', url })).resolves.toMatchObject({
      delivered: true,
    })
    for (const wrong of ['file:///etc/hosts', 'x'])
      await expect(emulator.push({ userId: id, event: 'user_info_modified', url: wrong })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      })
  })

  it('is refused without settings and without such a user; keys are checked when they are set', async () => {
    await expect(
      emulator.push({ userId: emulator.createUser().id, event: 'user_info_modified' }),
    ).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    })
    setPush()
    await expect(emulator.push({ userId: 'nobody', event: 'user_info_modified' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    expect(() => setPush({ mode: 'safe', encodingAESKey: 'short' })).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST' }),
    )
    expect(JSON.stringify(emulator.apps())).not.toMatch(/the-token|abcdefghij/)
  })
})

describe('the address of an app', () => {
  it('is verified by its echostr', async () => {
    setPush()
    answer = (response, { url: asked = '' }) =>
      void response.end(new URL(asked, 'http://x').searchParams.get('echostr') ?? '')
    expect((await emulator.verifyPush()).verified).toBe(true)
    const [{ method, query } = {} as Received] = received
    expect([method, query.signature]).toEqual(['GET', sha1('the-token', query.timestamp ?? '', query.nonce ?? '')])
    answer = response => void response.end('success')
    expect((await emulator.verifyPush()).verified).toBe(false)
  })
})
