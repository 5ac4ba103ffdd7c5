import { wxPlatform } from '@mplogin/client/wx'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcomeOf } from '../support/outcome.js'
import { createPhone } from '../support/phone.js'
import { type System, startSystem } from '../support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

const expire = () => system.advance({ minutes: 16 })
const picture = () =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: '#369' } })
    .jpeg()
    .toBuffer()

async function signedIn() {
  const phone = createPhone(system)
  const life = phone.start()
  const { user } = await life.login.signIn()
  return { phone, user, ...life }
}

describe('the profile', () => {
  it('takes a nickname, and tells of it', async () => {
    const { login, user, heard, phone } = await signedIn()
    const changed = await login.updateProfile({ nickname: '林晓' })
    expect([changed, login.user]).toEqual([{ ...user, nickname: '林晓' }, changed])
    expect(heard.length).toBe(2)
    expect(phone.start().login.user?.nickname).toBe('林晓')
  })

  it('uploads what chooseAvatar gave, also with a token that has expired', async () => {
    const { login, wx, phone } = await signedIn()
    const file = wx.addTempFile(await picture())
    expire()
    const { avatar } = await login.updateProfile({ avatar: file })
    expect(avatar).toMatch(/^\/uploads\/avatars\/[\w-]+\.jpg$/)
    expect((await fetch(system.url + avatar)).headers.get('content-type')).toBe('image/jpeg')
    phone.clock.errorMs -= 16 * 60_000
    expire()
    const both = await login.updateProfile({ nickname: '晓', avatar: file })
    expect([both.nickname, both.avatar === avatar, login.user]).toEqual(['晓', false, both])
  })

  it('is refused in the language that the platform asks for, whichever way it goes', async () => {
    const { wx, phone } = await signedIn()
    const platform = wxPlatform(wx)
    const header = { ...platform.header, 'Accept-Language': 'en' }
    const { login } = phone.join(wx, { platform: { ...platform, header } })
    const messages = [{ nickname: '' }, { avatar: wx.addTempFile('no picture') }].map(change =>
      login.updateProfile(change).catch(({ message }: Error) => message),
    )
    for (const message of await Promise.all(messages)) expect(message).toMatch(/^[ -~]+$/)
  })

  it('keeps an address as it is', async () => {
    const { login, phone } = await signedIn()
    const avatar = 'https://cdn.example.com/a.png'
    expect(await login.updateProfile({ avatar })).toMatchObject({ avatar })
    expect(await login.updateProfile({ avatar: '/uploads/default-avatar.png' })).toMatchObject({
      avatar: '/uploads/default-avatar.png',
    })
    expect(phone.sentTo('/me/avatar').length).toBe(0)
  })

  it('says what is wrong', async () => {
    const { login, wx } = await signedIn()
    await expect(login.updateProfile({ nickname: '' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      details: [{ path: '/nickname' }],
    })
    expect(await outcomeOf(login.updateProfile({ avatar: wx.addTempFile('no picture') }))).toBe('IMAGE_INVALID')
    expect(await outcomeOf(login.updateProfile({ avatar: 'wxfile://gone.jpg' }))).toBe('NETWORK')
    expect(await outcomeOf(createPhone(system).start().login.updateProfile({ nickname: '谁' }))).toBe('UNAUTHENTICATED')
  })
})

describe('the devices', () => {
  it('are listed and signed out', async () => {
    const { login, phone } = await signedIn()
    const code = system.emulator.loginCode(phone.user.id).code
    const tablet = (await system.api.login({ code }, { headers: { 'x-device': 'tablet' } })).body.data
    const devices = await login.sessions()
    expect(devices.map(({ device, current }) => [device, current]).sort()).toEqual([
      ['mplogin emulator', true],
      ['tablet', false],
    ])
    await login.revokeSession(devices.find(({ current }) => !current)?.id ?? '')
    expect((await system.api.get('/me', tablet.accessToken)).body.code).toBe('SESSION_REVOKED')
    expect(await outcomeOf(login.revokeSession('0'))).toBe('NOT_FOUND')
    expect(await outcomeOf(login.revokeSession('../..'))).toBe('BAD_REQUEST')
    expect((await login.sessions()).length).toBe(1)
  })
})

describe('signing out', () => {
  it('ends the session here and at the server, also with a token that has expired', async () => {
    const { login, phone, heard } = await signedIn()
    expire()
    await Promise.all([login.signOut(), login.signOut()])
    expect([login.user, phone.sentTo('/logout').length]).toEqual([undefined, 1])
    expect(heard.at(-1)).toEqual([undefined, undefined])
    const token = phone.sentTo('/logout')[0]?.headers.get('authorization')?.slice(7) ?? ''
    expect((await system.api.get('/me', token)).body.code).toBe('SESSION_REVOKED')
    expect(await outcomeOf(login.signOut())).toBe('OK')
  })

  it('works without a network, here', async () => {
    const { login, wx } = await signedIn()
    wx.setOffline(true)
    await login.signOut()
    expect(login.user).toBe(undefined)
  })

  it('everywhere ends all, and says so when it did not', async () => {
    const { login, wx, phone, user } = await signedIn()
    const code = system.emulator.loginCode(phone.user.id).code
    const tablet = (await system.api.login({ code })).body.data
    wx.setOffline(true)
    expect(await outcomeOf(login.signOut({ everywhere: true }))).toBe('NETWORK')
    expect(login.user).toEqual(user)
    wx.setOffline(false)
    await login.signOut({ everywhere: true })
    expect([login.user, (await system.api.get('/me', tablet.accessToken)).body.code]).toEqual([
      undefined,
      'SESSION_REVOKED',
    ])
  })

  it('waits for a sign-in that is under way', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    const signing = login.signIn()
    await login.signOut()
    expect([(await signing).outcome, login.user]).toEqual(['created', undefined])
  })
})

describe('deleting the account', () => {
  it('is once and for all', async () => {
    const { login, user, heard, phone } = await signedIn()
    await Promise.all([login.deleteAccount(), login.deleteAccount()])
    expect([login.user, phone.sent.filter(({ method }) => method === 'DELETE').length]).toEqual([undefined, 1])
    expect(heard.at(-1)).toEqual([undefined, undefined])
    const again = await login.signIn()
    expect([again.isNewUser, again.user.id === user.id]).toEqual([true, false])
  })

  it('says so when it is not known to have happened', async () => {
    const { login, user, phone } = await signedIn()
    phone.bend('/me', 'request lost')
    expect([await outcomeOf(login.deleteAccount()), login.user]).toEqual(['NETWORK', user])
    phone.bend('/me', 'answer lost')
    expect([await outcomeOf(login.deleteAccount()), login.user]).toEqual(['NETWORK', user])
    expect([await outcomeOf(login.deleteAccount()), login.user]).toEqual(['SESSION_REVOKED', undefined])
  })
})
