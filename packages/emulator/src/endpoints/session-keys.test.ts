import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createWechatCaller } from '../../../../test/support/wechat-caller.js'
import { type Emulator, startEmulator } from '../emulator.js'

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a' }
const emulator: Emulator = await startEmulator({ apps: [app], clock: () => new Date('2026-06-01T08:00:00Z') })
const wechat = createWechatCaller(emulator, app)
beforeEach(() => emulator.reset())
afterAll(() => emulator.close())

const login = async (id: string): Promise<string> => (await wechat.exchange(emulator.loginCode(id).code)).session_key
const check = (openid: string, key: string) => wechat.withToken('/wxa/checksession', wechat.signed(openid, key))

describe('a session_key', () => {
  it('stays over quick logins, and changes at a login after the interval; then the old one is dead', async () => {
    const { id, openid } = emulator.createUser()
    const first = await login(id)
    emulator.advanceClock(3599)
    expect(await login(id)).toBe(first)
    emulator.advanceClock(1)
    const second = await login(id)
    expect(second).not.toBe(first)
    expect((await check(openid, first)).errcode).toBe(87009)
    expect(await check(openid, second)).toEqual({ errcode: 0, errmsg: 'ok' })
  })

  it('changes at the login itself, so a code that was not traded yet gives the new one', async () => {
    emulator.changeSettings({ sessionKeyRotateSeconds: 10 })
    const { id } = emulator.createUser()
    const { code } = emulator.loginCode(id)
    emulator.advanceClock(10)
    const newer = await login(id)
    expect((await wechat.exchange(code)).session_key).toBe(newer)
  })

  it('changes at every login when it is switched so, and breaks what was encrypted before', async () => {
    emulator.changeSettings({ sessionKeyRotateAlways: true })
    const { id } = emulator.createUser({ phone: '13800000000' })
    const keys = [await login(id), await login(id), await login(id)]
    expect(new Set(keys).size).toBe(3)
  })

  it('changes by chance when it is set so', async () => {
    emulator.changeSettings({ sessionKeyRotateSeconds: 0, sessionKeyRotateChance: 0.5 })
    const { id } = emulator.createUser()
    const keys: string[] = []
    for (let i = 0; i < 40; i++) keys.push(await login(id))
    const changes = keys.filter((key, i) => i > 0 && key !== keys[i - 1]).length
    expect(changes).toBeGreaterThan(4)
    expect(changes).toBeLessThan(36)
  })

  it('dies when nobody used it for too long; use keeps it alive', async () => {
    emulator.changeSettings({ sessionKeyTtlSeconds: 100 })
    const { id, openid } = emulator.createUser()
    const key = await login(id)
    for (let i = 0; i < 3; i++) {
      emulator.advanceClock(60)
      expect((await check(openid, key)).errcode).toBe(0)
    }
    expect(emulator.checkSession(id)).toEqual({ valid: true })
    emulator.advanceClock(100)
    expect((await check(openid, key)).errcode).toBe(87007)
    expect(emulator.checkSession(id)).toEqual({ valid: false })
    expect(await login(id)).not.toBe(key)
  })

  it('is each app’s own', async () => {
    const other = { appid: 'wxother', secret: 's' }
    emulator.addApp(other)
    const { id, openids } = emulator.createUser()
    const key = await login(id)
    const answer = await createWechatCaller(emulator, other).withToken(
      '/wxa/checksession',
      wechat.signed(openids.wxother ?? '', key),
    )
    expect(answer.errcode).toBe(87007)
  })
})

describe('checksession', () => {
  it('signs with the key as base64 text, in either case', async () => {
    const { id, openid } = emulator.createUser()
    const key = await login(id)
    const { signature, ...rest } = wechat.signed(openid, key)
    const upper = await wechat.withToken('/wxa/checksession', { ...rest, signature: signature.toUpperCase() })
    expect(upper.errcode).toBe(0)
    const decoded = wechat.signed(openid, Buffer.from(key, 'base64').toString('latin1'))
    expect((await wechat.withToken('/wxa/checksession', decoded)).errcode).toBe(87009)
  })

  it.each<[string, Record<string, string>, number]>([
    ['no openid', { openid: '' }, 40097],
    ['no signature', { signature: '' }, 40097],
    ['another method', { sig_method: 'md5' }, 87008],
    ['no method', { sig_method: '' }, 87008],
    ['an openid that never logged in', { openid: 'oNobody' }, 87007],
    ['another signature', { signature: '0'.repeat(64) }, 87009],
  ])('is refused with %s', async (_title, change, errcode) => {
    const { id, openid } = emulator.createUser()
    const query = { ...wechat.signed(openid, await login(id)), ...change }
    for (const path of ['/wxa/checksession', '/wxa/resetusersessionkey'])
      expect((await wechat.withToken(path, query)).errcode).toBe(errcode)
  })

  it('asks for an access token', async () => {
    expect((await wechat.ask('/wxa/checksession')).body.errcode).toBe(41001)
    expect((await wechat.ask('/wxa/checksession', { access_token: 'x' })).body.errcode).toBe(40001)
  })
})

describe('resetusersessionkey', () => {
  it('gives a new key, kills the old one, and does not put its end off', async () => {
    emulator.changeSettings({ sessionKeyTtlSeconds: 100 })
    const { id, openid } = emulator.createUser()
    const key = await login(id)
    emulator.advanceClock(60)
    const answer = await wechat.withToken('/wxa/resetusersessionkey', wechat.signed(openid, key))
    expect(answer).toEqual({ errcode: 0, errmsg: 'ok', openid, session_key: expect.stringMatching(/^[\w+/]{22}==$/) })
    expect((await check(openid, key)).errcode).toBe(87009)
    expect((await check(openid, answer.session_key)).errcode).toBe(0)
  })
})
