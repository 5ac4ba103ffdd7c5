import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../emulator.js'
import { createWx, type Wx } from './create-wx.js'
import type { PrivacyResolve } from './privacy.js'
import type { WxFailure } from './settle.js'

const app = { appid: 'wxaaaaaaaaaaaaaaaa', secret: 'secret-a' }
const emulator: Emulator = await startEmulator({ apps: [app] })
let now = 0
let wx: Wx
const start = (privacy: object = {}) => {
  wx = createWx(emulator, emulator.createUser({ phone: '13800000000' }), { privacy, now: () => now })
}
beforeEach(() => {
  emulator.reset()
  now = 0
  start()
})
afterAll(() => emulator.close())

const setting = () =>
  new Promise<{ needAuthorization: boolean; privacyContractName: string }>(success => wx.getPrivacySetting({ success }))
const require = () =>
  new Promise<{ errMsg: string; errno?: number }>(resolve =>
    wx.requirePrivacyAuthorize({ success: resolve, fail: (failed: WxFailure) => resolve(failed) }),
  )
const refused = (api: string) => ({ errMsg: `${api}:fail privacy permission is not authorized`, errno: 104 })

describe('consent to the privacy guide', () => {
  it('is needed until it was given on WeChat’s own sheet', async () => {
    expect(await setting()).toEqual({
      needAuthorization: true,
      privacyContractName: '《小程序隐私保护指引》',
      errMsg: 'getPrivacySetting:ok',
    })
    expect(await require()).toEqual({ errMsg: 'requirePrivacyAuthorize:ok' })
    expect((await setting()).needAuthorization).toBe(false)
  })

  it('refused on that sheet fails the API and the button, with no other sheet for 10 s', async () => {
    start({ sheet: 'disagree', contractName: '《小店隐私保护指引》' })
    expect((await setting()).privacyContractName).toBe('《小店隐私保护指引》')
    expect((await wx.tapPhoneButton()).detail).toEqual(refused('getPhoneNumber'))
    wx.answerPrivacySheet('agree')
    now = 9999
    expect(await require()).toEqual(refused('requirePrivacyAuthorize'))
    expect((await wx.tapPhoneButton({ realtime: true })).detail).toEqual(refused('getRealtimePhoneNumber'))
    now = 10_000
    expect((await wx.tapPhoneButton()).detail.errMsg).toBe('getPhoneNumber:ok')
    expect(emulator.stats().phoneCallsBilled).toBe(1)
  })

  it('is not asked for when it was given before; wx.login never asks', async () => {
    start({ needed: false, sheet: 'disagree' })
    expect((await wx.tapPhoneButton()).detail.errMsg).toBe('getPhoneNumber:ok')
    start({ sheet: 'disagree' })
    expect(await new Promise(success => wx.login({ success }))).toMatchObject({ errMsg: 'login:ok' })
  })

  it('is given by the tap on the mini program’s own button', async () => {
    start({ sheet: 'disagree' })
    wx.tapAgreePrivacyButton('agree-btn')
    expect((await wx.tapPhoneButton()).detail.errMsg).toBe('getPhoneNumber:ok')
  })

  it('is given with the tap on the combined button', async () => {
    start({ sheet: 'disagree' })
    expect((await wx.tapPhoneButton({ combined: 'disagree' })).detail.errno).toBe(103)
    expect((await wx.tapPhoneButton({ combined: 'agree' })).detail.errMsg).toBe('getPhoneNumber:ok')
    expect((await setting()).needAuthorization).toBe(false)
    expect((await wx.tapPhoneButton({ combined: 'disagree' })).detail.errMsg).toBe('getPhoneNumber:ok')
  })

  it('opens the contract', async () => {
    expect(await new Promise(success => wx.openPrivacyContract({ success }))).toEqual({
      errMsg: 'openPrivacyContract:ok',
    })
  })
})

describe('the mini program’s own sheet', () => {
  const asked: { resolve: PrivacyResolve; referrer: string }[] = []
  beforeEach(() => {
    asked.length = 0
    start({ sheet: 'disagree' })
    wx.onNeedPrivacyAuthorization((resolve, { referrer }) => void asked.push({ resolve, referrer }))
  })
  const settled = async (work: Promise<unknown>) =>
    Promise.race([work.then(() => true), new Promise(resolve => setTimeout(() => resolve(false), 20))])

  it('keeps the button waiting until it is answered; agree counts when the button was tapped', async () => {
    const tap = wx.tapPhoneButton()
    expect(await settled(tap)).toBe(false)
    expect(asked.map(({ referrer }) => referrer)).toEqual(['button.getPhoneNumber'])
    asked[0]?.resolve({ event: 'exposureAuthorization' })
    expect(await settled(tap)).toBe(false)
    wx.tapAgreePrivacyButton('agree-btn')
    asked[0]?.resolve({ event: 'agree', buttonId: 'agree-btn' })
    expect((await tap).detail.errMsg).toBe('getPhoneNumber:ok')
    // Given once, it is not asked for again.
    expect(await require()).toEqual({ errMsg: 'requirePrivacyAuthorize:ok' })
    expect(asked).toHaveLength(1)
  })

  it.each<[string, Parameters<PrivacyResolve>[0]]>([
    ['disagree', { event: 'disagree' }],
    ['agree with a button that nobody tapped', { event: 'agree', buttonId: 'other' }],
    ['agree without a button', { event: 'agree' }],
  ])('answered with %s fails', async (_title, outcome) => {
    wx.tapAgreePrivacyButton('agree-btn')
    const requiring = require()
    await expect.poll(() => asked.length).toBe(1)
    asked[0]?.resolve(outcome)
    expect(await requiring).toEqual(refused('requirePrivacyAuthorize'))
    expect((await setting()).needAuthorization).toBe(true)
  })

  it('is that of the last registration only', async () => {
    const later: string[] = []
    wx.onNeedPrivacyAuthorization((resolve, { referrer }) => {
      later.push(referrer)
      resolve({ event: 'disagree' })
    })
    expect(await require()).toEqual(refused('requirePrivacyAuthorize'))
    expect([asked.length, later]).toEqual([0, ['requirePrivacyAuthorize']])
  })
})
