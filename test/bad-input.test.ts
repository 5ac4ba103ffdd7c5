import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appA, appB, type System, startSystem } from './support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

const countRows = async () => {
  const { count } = await system.database.db
    .selectFrom('accounts')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const sessions = await system.database.db
    .selectFrom('sessions')
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return { accounts: count, sessions: sessions.count }
}
let before: Awaited<ReturnType<typeof countRows>>
beforeEach(async () => {
  before = await countRows()
})
const expectRefusal = async (
  answer: { status: number; body: Record<string, unknown> },
  status: number,
  code: string,
) => {
  expect([answer.status, answer.body.code]).toEqual([status, code])
  expect(answer.body.msg).toMatch(/\p{Script=Han}/u)
  expect(answer.body.requestId).toMatch(/^[0-9a-f-]{36}$/)
  expect(JSON.stringify(answer.body)).not.toMatch(/ {4}at |node_modules|\.ts|\.js\b|SQLITE|errcode/)
  expect(await countRows()).toEqual(before)
}

describe('a body', () => {
  it.each([
    ['nothing', undefined],
    ['an empty object', {}],
    ['an empty code', { code: '' }],
    ['a number for a code', { code: 1234 }],
    ['null for a code', { code: null }],
    ['a list for a code', { code: ['x'] }],
    ['an object for a code', { code: { $ne: '' } }],
    ['a code of 600 characters', { code: 'x'.repeat(600) }],
    ['a list', []],
    ['null', 'null'],
    ['a text', '"code"'],
    ['half of an object', '{"code":'],
    ['no JSON', 'code=abc'],
    ['a prototype', '{"__proto__":{"code":"x"}}'],
    ['an empty appid', { code: 'x', appid: '' }],
  ])('that is %s is a bad request, and says where', async (_title, body) => {
    for (const path of ['/login', '/loginByPhone', '/conflicts/resolve', '/token/refresh']) {
      const answer = await system.api.post(path, body)
      await expectRefusal(answer, 400, 'BAD_REQUEST')
      expect(answer.body.details).toEqual(
        expect.arrayContaining([{ path: expect.any(String), message: expect.any(String) }]),
      )
    }
  })

  it('with a NUL, which PostgreSQL cannot store, is a bad request', async () => {
    const { accessToken: token } = (await system.person().login()).body.data
    const answers = [
      await system.api.request('PATCH', '/me', { token, body: { avatar: '/a\u0000b' } }),
      await system.api.request('PATCH', '/me', { token, body: { nickname: 'a\u0000b' } }),
      await system.api.request('DELETE', '/me/sessions/a%00b', { token }),
    ]
    expect(answers.map(answer => [answer.status, answer.body.code])).toEqual(Array(3).fill([400, 'BAD_REQUEST']))
    await system.api.request('DELETE', '/me', { token })
  })

  it('of 1 MB is too large', async () => {
    await expectRefusal(await system.api.login({ code: 'x'.repeat(1_000_000) }), 413, 'PAYLOAD_TOO_LARGE')
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
  ])('of the type %s is not read', async type => {
    await expectRefusal(
      await system.api.request('POST', '/login', { body: 'code=x', headers: { 'content-type': type } }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    )
  })
})

describe('a route', () => {
  it.each([
    ['GET', '/nowhere'],
    ['POST', '/'],
    ['GET', '/login'],
    ['DELETE', '/login'],
    ['PUT', '/me'],
    ['GET', '/.env'],
    ['GET', '/uploads/../package.json'],
    ['GET', '/uploads/%2e%2e/%2e%2e/package.json'],
    ['GET', '/me/sessions/x/y'],
  ])('%s %s is not found', async (method, path) => {
    await expectRefusal(await system.api.request(method, path), 404, 'NOT_FOUND')
  })

  it('with a broken escape is a bad request', async () => {
    await expectRefusal(await system.api.get('/%zz'), 400, 'BAD_REQUEST')
  })

  it('of a request that is no HTTP gets an answer without a stack', async () => {
    const answer = await new Promise<string>(resolve => {
      const socket = connect(Number(new URL(system.url).port), '127.0.0.1', () => socket.write('nonsense\r\n\r\n'))
      let text = ''
      socket.on('data', data => {
        text += data
      })
      socket.on('close', () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400/)
    expect(answer).not.toMatch(/ {4}at /)
  })
})

describe('a code', () => {
  it('that is unknown, empty of meaning, or a mock one is invalid', async () => {
    await expectRefusal(await system.api.login({ code: '0'.repeat(32) }), 400, 'WECHAT_CODE_INVALID')
    await expectRefusal(await system.api.login({ code: '你好 👋' }), 400, 'WECHAT_CODE_INVALID')
    const mock = await system.api.login({ code: 'the code is a mock one' })
    await expectRefusal(mock, 400, 'WECHAT_CODE_INVALID')
    expect(mock.body.msg).toContain('模拟')
  })

  it('that is used, expired or of another app is told apart where WeChat does', async () => {
    const lin = system.person('13600000001')
    const used = lin.loginCode()
    await system.api.login({ code: used })
    const expired = { login: lin.loginCode(), phone: lin.phoneCode() }
    system.advance({ minutes: 5, seconds: 1 })
    before = await countRows()
    await expectRefusal(await system.api.login({ code: used }), 400, 'WECHAT_CODE_USED')
    await expectRefusal(await system.api.login({ code: expired.login }), 400, 'WECHAT_CODE_INVALID')
    await expectRefusal(
      await system.api.login({ code: lin.loginCode(appB.appid), appid: appA.appid }),
      400,
      'WECHAT_CODE_INVALID',
    )
    await expectRefusal(await system.api.loginByPhone({ code: expired.phone }), 400, 'PHONE_CODE_INVALID')
    await expectRefusal(
      await system.api.loginByPhone({ code: lin.phoneCode(appB.appid), appid: appA.appid }),
      400,
      'PHONE_CODE_INVALID',
    )
    await expectRefusal(await system.api.loginByPhone({ code: 'f'.repeat(64) }), 400, 'PHONE_CODE_INVALID')
  })

  it('of the other button is refused, and the answer says which was expected', async () => {
    const lin = system.person('13600000002')
    const asLogin = await system.api.login({ code: lin.phoneCode() }, { headers: { 'accept-language': 'zh-CN' } })
    await expectRefusal(asLogin, 400, 'WECHAT_CODE_INVALID')
    expect(asLogin.body.msg).toContain('wx.login')
    const asPhone = await system.api.loginByPhone({ code: lin.loginCode() })
    await expectRefusal(asPhone, 400, 'PHONE_CODE_INVALID')
    expect(asPhone.body.msg).toContain('手机号按钮')
    const english = await system.api.loginByPhone({ code: lin.loginCode() }, { headers: { 'accept-language': 'en' } })
    expect(english.body.msg).toContain('phone button was expected')
  })

  it('used for a phone before is invalid', async () => {
    const lin = system.person('13600000003')
    const code = lin.phoneCode()
    await system.api.loginByPhone({ code })
    before = await countRows()
    await expectRefusal(await system.api.loginByPhone({ code }), 400, 'PHONE_CODE_INVALID')
  })
})

describe('the rate limit', () => {
  it('counts per address, answers 429 with Retry-After, and spares the health checks', async () => {
    const limited = await startSystem({ env: { RATE_LIMIT_PER_MINUTE: '5' } })
    try {
      const answers = []
      for (let i = 0; i < 8; i++) answers.push(await limited.api.login({ code: 'x' }))
      expect(answers.map(answer => answer.status)).toEqual([400, 400, 400, 400, 400, 429, 429, 429])
      const last = answers.at(-1)
      expect(last?.body.code).toBe('RATE_LIMITED')
      expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await limited.api.get('/healthz')).status).toBe(200)
    } finally {
      await limited.close()
    }
  })
})
