import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appA, appB, type System, startSystem } from './support/system.js'

const openid = 'o-of-the-cloud-0123456789012'
const headers = { 'x-wx-source': 'wx_client', 'x-wx-openid': openid, 'x-wx-appid': appA.appid }

describe('WeChat cloud hosting, switched on,', () => {
  let system: System
  beforeAll(async () => {
    system = await startSystem({ env: { WECHAT_CLOUD: 'on' } })
  })
  afterAll(() => system.close())
  const login = (more: Record<string, string> = {}, body: unknown = {}) =>
    system.api.login(body, { headers: { ...headers, ...more } })

  it('logs in whom its headers name, without a code and without asking WeChat', async () => {
    const first = await login()
    expect([first.status, first.body.data.outcome]).toEqual([200, 'created'])
    const again = await login()
    expect([again.body.data.outcome, again.body.data.user.id]).toEqual(['existing', first.body.data.user.id])
    expect(system.emulator.stats().calls).toEqual({})
  })

  it('is the same person as by a code, and by the unionid in another app', async () => {
    const user = system.emulator.createUser({ appid: appB.appid, openid: 'o-b', unionid: 'u-1' })
    const code = system.emulator.loginCode(user.id, { appid: appB.appid }).code
    const byCode = await system.api.login({ code, appid: appB.appid })
    const ofB = { 'x-wx-appid': appB.appid, 'x-wx-openid': 'o-b', 'x-wx-unionid': 'u-1' }
    expect((await login(ofB)).body.data.user.id).toBe(byCode.body.data.user.id)
  })

  it('answers a repeat with the same Idempotency-Key by the same session', async () => {
    const ask = () => login({ 'idempotency-key': 'k-1', 'x-wx-openid': 'o-idempotent' })
    const [first, second] = [await ask(), await ask()]
    expect(second.body.data.refreshToken).toBe(first.body.data.refreshToken)
  })

  it('still takes codes, and believes a code before a header', async () => {
    const lin = system.person()
    const answer = await login({}, { code: lin.loginCode() })
    expect(answer.body.data.user.id).toBe((await lin.login()).body.data.user.id)
    expect(answer.body.data.user.id).not.toBe((await login()).body.data.user.id)
  })

  it('refuses headers that are not complete, come twice, or are of an app that is not configured', async () => {
    const refusal = async (more: Record<string, string>) => {
      const { status, body } = await login(more)
      return [status, body.code]
    }
    expect(await refusal({ 'x-wx-source': '' })).toEqual([400, 'BAD_REQUEST'])
    expect(await refusal({ 'x-wx-openid': '' })).toEqual([400, 'BAD_REQUEST'])
    expect(await refusal({ 'x-wx-openid': 'o1, o2' })).toEqual([400, 'BAD_REQUEST'])
    expect(await refusal({ 'x-wx-appid': 'wx0000000000000000' })).toEqual([400, 'APP_UNKNOWN'])
  })

  it('warns of itself in the log', () => {
    expect(system.log.join('')).toContain('WECHAT_CLOUD is on')
  })
})

describe('WeChat cloud hosting, left off,', () => {
  it('is nobody: its headers are not looked at', async () => {
    const system = await startSystem()
    try {
      const answer = await system.api.login({}, { headers })
      expect([answer.status, answer.body.code]).toEqual([400, 'BAD_REQUEST'])
      const lin = system.person()
      const byCode = await system.api.login({ code: lin.loginCode() }, { headers })
      expect(byCode.body.data.user.id).toBe((await lin.login()).body.data.user.id)
    } finally {
      await system.close()
    }
  })
})
