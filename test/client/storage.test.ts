import { wxPlatform } from '@mplogin/client/wx'
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
const statusOf = async (work: Promise<{ statusCode: number }>) => (await work).statusCode
/** Fills the storage to its last character, as other parts of the mini program might. */
function fill(phone: Phone): void {
  const area = phone.storage()
  const used = () => [...area].reduce((sum, [key, { text }]) => sum + key.length + text.length, 0)
  const total = 10 * 1024 * 1024
  for (let i = 0; i < 10; i++) {
    const room = Math.min(total - used() - 6, 1024 * 1024 - 6)
    if (room > 0) area.set(`junk-${i}`, { kind: 'text', text: 'x'.repeat(room) })
  }
}

describe('a full storage', () => {
  it('costs nothing but the session of the next start, and is told', async () => {
    const phone = createPhone(system)
    const { login, heard } = phone.start()
    fill(phone)
    const { user } = await login.signIn()
    expect(heard).toEqual([[user.id, 'STORAGE_FAILED']])
    expire()
    expect(await statusOf(login.request({ url: '/me' }))).toBe(200)
    expect(heard.length).toBe(1)
    const next = phone.start()
    expect(next.login.user).toBe(undefined)
    expect((await next.login.signIn()).user.id).toBe(user.id)
  })

  it('does not leave an old token behind, which would look stolen', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    await login.signIn()
    fill(phone)
    // All the room there is is what our own value takes: a longer one fits no more.
    await login.updateProfile({ nickname: '名字很长很长很长很长很长很长很长' })
    for (let i = 0; i < 3; i++) {
      expire()
      expect(await statusOf(login.request({ url: '/me' }))).toBe(200)
    }
    const next = phone.start()
    expect([next.login.user, await outcomeOf(next.login.signIn())]).toEqual([undefined, 'OK'])
    expect(next.heard.map(([, reason]) => reason)).not.toContain('REFRESH_REUSED')
  })

  it('takes the new value in the place of the old one', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    await login.signIn()
    fill(phone)
    expire()
    expect(await statusOf(login.request({ url: '/me' }))).toBe(200)
    const next = phone.start()
    expect(await statusOf(next.login.request({ url: '/me' }))).toBe(200)
    expect(phone.sentTo('/token/refresh').length).toBe(1)
  })
})

describe('a storage', () => {
  it('that is cleared while running is filled again with the next token', async () => {
    const phone = createPhone(system)
    const { login, wx, heard } = phone.start()
    const { user } = await login.signIn()
    wx.clearStorageSync()
    expect([await statusOf(login.request({ url: '/me' })), login.user]).toEqual([200, user])
    expire()
    expect(await statusOf(login.request({ url: '/me' }))).toBe(200)
    expect(heard.length).toBe(1)
    expect(phone.start().login.user).toEqual(user)
  })

  it('that is broken leaves the session in memory', async () => {
    const phone = createPhone(system)
    const { wx } = phone.start()
    const broken = () => {
      throw new Error('setStorageSync:fail')
    }
    const storage = { getStorageSync: broken, setStorageSync: broken, removeStorageSync: broken }
    const { login, heard } = phone.join({ ...wx, ...storage })
    const { user } = await login.signIn()
    expire()
    expect(await statusOf(login.request({ url: '/me' }))).toBe(200)
    await login.signOut()
    expect([login.user, heard.map(([id]) => id)]).toEqual([undefined, [user.id, undefined]])
  })

  it('that breaks while running does not bring an old token back', async () => {
    const phone = createPhone(system)
    const { wx } = phone.start()
    let isBroken = false
    const set = (key: string, data: unknown) => {
      if (isBroken) throw new Error('setStorageSync:fail')
      wx.setStorageSync(key, data)
    }
    const remove = () => set('', '')
    const { login, heard } = phone.join({ ...wx, setStorageSync: set, removeStorageSync: remove })
    await login.signIn()
    isBroken = true
    for (let i = 0; i < 3; i++) {
      expire()
      expect(await statusOf(login.request({ url: '/me' }))).toBe(200)
    }
    expect([phone.sentTo('/token/refresh').length, heard.length]).toEqual([3, 1])
    // The next start has only the old token: a sign-in mends it by itself.
    const next = phone.start()
    expect(await outcomeOf(next.login.signIn())).toBe('OK')
    expect(next.heard.map(([, reason]) => reason)).toEqual(['REFRESH_REUSED', undefined])
  })

  it.each([
    'nonsense',
    '{}',
    '[]',
    '{"user":{}}',
    '"text"',
    '0',
    '{"user":{"id":"x"}',
    '{"user":{"id":"x"}}',
    '{"refreshToken":"x.0.x"}',
    'undefined',
  ])('that holds %s is as good as an empty one', async text => {
    const phone = createPhone(system)
    phone.storage().set('mplogin', { kind: 'text', text })
    const { login } = phone.start()
    expect([login.user, await login.resume()]).toEqual([undefined, undefined])
    expect(await outcomeOf(login.signIn())).toBe('OK')
    expect(phone.start().login.user).toEqual(login.user)
  })

  it('that holds an object is as good as an empty one', async () => {
    const phone = createPhone(system)
    phone.start().wx.setStorageSync('mplogin', { user: { id: 'x' } })
    expect(phone.start().login.user).toBe(undefined)
  })
})

describe('a mini program that is killed', () => {
  it('between the rotation and its saving works at the next start', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    const { user } = await login.signIn()
    expire()
    phone.bend('/token/refresh', () => phone.kill())
    expect(await outcomeOf(login.request({ url: '/me' }))).toBe('NETWORK')
    const next = phone.start()
    expect(await statusOf(next.login.request({ url: '/me' }))).toBe(200)
    expect([next.login.user, next.heard]).toEqual([user, []])
    expire()
    expect(await statusOf(next.login.request({ url: '/me' }))).toBe(200)
  })

  it('between a login and its saving signs in again at the next start', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    phone.bend('/login', () => phone.kill())
    expect(await outcomeOf(login.signIn())).toBe('NETWORK')
    expect(await outcomeOf(phone.start().login.signIn())).toBe('OK')
  })
})

describe('several instances that share a storage', () => {
  async function two() {
    const phone = createPhone(system)
    const first = phone.start()
    const { user } = await first.login.signIn()
    const second = phone.join(first.wx)
    return { phone, user, first, second }
  }

  it('renew a token once between them', async () => {
    const { phone, first, second } = await two()
    expire()
    expect(await statusOf(first.login.request({ url: '/me' }))).toBe(200)
    expect(await statusOf(second.login.request({ url: '/me' }))).toBe(200)
    expect(phone.sentTo('/token/refresh').length).toBe(1)
    for (const { login } of [first, second, first, second]) {
      expire()
      expect(await statusOf(login.request({ url: '/me' }))).toBe(200)
    }
    expect([phone.sentTo('/token/refresh').length, first.heard.length, second.heard.length]).toEqual([5, 1, 0])
  })

  it('may renew it at the same moment', async () => {
    const { first, second } = await two()
    for (let i = 0; i < 3; i++) {
      expire()
      const statuses = await Promise.all([first, second].map(({ login }) => statusOf(login.request({ url: '/me' }))))
      expect(statuses).toEqual([200, 200])
    }
    expect([first.heard.length, second.heard.length]).toEqual([1, 0])
  })

  it('are signed out together, and in', async () => {
    const { first, second, user } = await two()
    await first.login.signOut()
    expect([second.login.user, second.login.needsPhone]).toEqual([undefined, false])
    expect(await statusOf(second.login.request({ url: '/me' }))).toBe(401)
    await second.login.signIn()
    expect(first.login.user?.id).toBe(user.id)
    await expect.poll(() => [first.heard.length, second.heard.length]).toEqual([3, 2])
  })

  it('that sign in at the same moment end up in one session, and on one device', async () => {
    const phone = createPhone(system)
    const first = phone.start()
    const second = phone.join(first.wx)
    const both = [first.login, second.login]
    const signedIn = await Promise.all(both.map(login => login.signIn()))
    expect(new Set(signedIn.map(({ user }) => user.id)).size).toBe(1)
    await expect.poll(async () => (await first.login.sessions()).length).toBe(1)
    expect(await Promise.all(both.map(login => statusOf(login.request({ url: '/me' }))))).toEqual([200, 200])
    expect([...first.heard, ...second.heard].map(([, reason]) => reason)).not.toContain('SESSION_REVOKED')
  })

  it('are apart under different keys', async () => {
    const phone = createPhone(system)
    const { wx, login } = phone.start()
    await login.signIn()
    expect(phone.join(wx, { storageKey: 'another' }).login.user).toBe(undefined)
    expect([...phone.storage().keys()]).toEqual(['mplogin'])
  })
})

describe('listening', () => {
  it('hears each change once, until it ends; one that throws does not keep others from it', async () => {
    const phone = createPhone(system)
    const { login, wx } = phone.start()
    const heard: string[] = []
    const thrown: unknown[] = []
    const note = (error: unknown) => void thrown.push(error)
    process.on('unhandledRejection', note)
    login.onChange(() => {
      throw new Error('of a listener')
    })
    const stop = login.onChange(user => void heard.push(user ? 'in' : 'out'))
    await login.signIn()
    await login.updateProfile({ nickname: '林晓' })
    await login.updateProfile({ nickname: '林晓' })
    expire()
    await login.request({ url: '/me' })
    await login.signOut()
    await login.signOut()
    expect(heard).toEqual(['in', 'in', 'out'])
    stop()
    stop()
    await login.signIn()
    expect(heard.length).toBe(3)
    await new Promise(resolve => setTimeout(resolve))
    process.off('unhandledRejection', note)
    expect(thrown.length).toBe(4)
    expect(wxPlatform(wx).appid).toBe(wx.getAccountInfoSync().miniProgram.appId)
  })
})
