import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Emulator, startEmulator } from '@mplogin/emulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// Two WeChat SDKs that others wrote, pointed at the emulator: what they understand is what WeChat says.
const require = createRequire(import.meta.url)
const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-of-app-a-0123456789abcdef' }

let emulator: Emulator
const cacheDirectory = mkdtempSync(join(tmpdir(), 'mplogin-sdks-'))
beforeAll(async () => {
  emulator = await startEmulator({ port: 0, apps: [{ ...app, openPlatform: 'platform' }] })
})
afterAll(async () => {
  await emulator.close()
  rmSync(cacheDirectory, { recursive: true, force: true })
})

const person = () => emulator.createUser({ phone: '13300000001' })

describe('node-easywechat', () => {
  const { MiniApp } = require('node-easywechat')
  const createApp = () =>
    new MiniApp({
      app_id: app.appid,
      secret: app.secret,
      use_stable_access_token: true,
      file_cache: { path: cacheDirectory },
      http: { baseURL: `${emulator.url}/` },
    })

  it('trades a login code', async () => {
    const user = person()
    const { code } = emulator.loginCode(user.id)
    const session = await createApp().getUtils().codeToSession(code)
    expect(session).toMatchObject({
      openid: user.openid,
      unionid: user.unionid,
      session_key: expect.stringMatching(/^[\w+/]{22}==$/),
    })
    await expect(createApp().getUtils().codeToSession(code)).rejects.toThrow(/40163|code been used/)
  })

  it('gets an access token and a phone number', async () => {
    const wechat = createApp()
    const token = await wechat.getAccessToken().getToken()
    expect(token).toMatch(/^\d+_[\w-]+$/)
    const { code } = emulator.phoneCode(person().id)
    const answer = (await wechat.getClient().postJson('wxa/business/getuserphonenumber', { code })).toObject()
    expect(answer).toMatchObject({
      errcode: 0,
      phone_info: {
        phoneNumber: '13300000001',
        purePhoneNumber: '13300000001',
        countryCode: '86',
        watermark: { appid: app.appid },
      },
    })
  })
})

describe('co-wechat-api', () => {
  const WechatApi = require('co-wechat-api')
  const createApp = () =>
    Object.assign(new WechatApi(app.appid, app.secret), {
      prefix: `${emulator.url}/cgi-bin/`,
      snsPrefix: `${emulator.url}/sns/`,
      wxaPrefix: `${emulator.url}/wxa/`,
    })

  it('trades a login code', async () => {
    const user = person()
    const url = `${emulator.url}/sns/jscode2session?appid=${app.appid}&secret=${app.secret}&js_code=${emulator.loginCode(user.id).code}&grant_type=authorization_code`
    expect(await createApp().request(url, { dataType: 'json' })).toMatchObject({ openid: user.openid })
    await expect(createApp().request(url, { dataType: 'json' })).rejects.toMatchObject({ code: 40163 })
  })

  it('gets an access token and a phone number', async () => {
    const wechat = createApp()
    const { accessToken } = await wechat.ensureAccessToken()
    expect(accessToken).toMatch(/^\d+_[\w-]+$/)
    const { code } = emulator.phoneCode(person().id)
    const url = `${wechat.wxaPrefix}business/getuserphonenumber?access_token=${accessToken}`
    const answer = await wechat.request(url, {
      method: 'POST',
      dataType: 'json',
      headers: { 'Content-Type': 'application/json' },
      data: JSON.stringify({ code }),
    })
    expect(answer).toMatchObject({ errcode: 0, phone_info: { purePhoneNumber: '13300000001' } })
  })
})
