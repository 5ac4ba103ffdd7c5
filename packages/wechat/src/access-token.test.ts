import { startEmulator } from '@mplogin/emulator'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWechat, type Wechat } from './client.js'
import type { WechatCall, WechatOptions } from './options.js'

type Emulator = Awaited<ReturnType<typeof startEmulator>>

const app = { appid: 'wx1111111111111111', secret: 'secret-of-the-app' }
const stablePath = '/cgi-bin/stable_token'
const legacyPath = '/cgi-bin/token'
const phonePath = '/wxa/business/getuserphonenumber'

let emulator: Emulator
let nowMs: number
let calls: WechatCall[]
const clients: Wechat[] = []

beforeEach(async () => {
  nowMs = Date.parse('2026-11-24T00:00:00Z')
  calls = []
  emulator = await startEmulator({ port: 0, apps: [app], clock: () => new Date(nowMs) })
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await emulator.close()
})

function createClient(options: Partial<WechatOptions> = {}): Wechat {
  const clock = () => new Date(nowMs)
  const client = createWechat({
    ...app,
    apiBase: emulator.url,
    clock,
    random: () => 0.5,
    onCall: call => calls.push(call),
    ...options,
  })
  clients.push(client)
  return client
}

async function tap(): Promise<string> {
  const user = await emulator.createUser({ appid: app.appid, phone: '+8613800000000' })
  return (await emulator.phoneCode(user.id, { appid: app.appid })).code
}

/** Another holder of the secret asks for a token. */
async function askForToken(forceRefresh: boolean): Promise<string> {
  const body = JSON.stringify({ grant_type: 'client_credential', ...app, force_refresh: forceRefresh })
  const response = await fetch(emulator.url + stablePath, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  return ((await response.json()) as { access_token: string }).access_token
}

/** Makes WeChat reject the token it gave last. */
async function voidToken(tokenMode: 'stable' | 'legacy'): Promise<void> {
  if (tokenMode === 'stable') await askForToken(true)
  else await fetch(`${emulator.url}${legacyPath}?grant_type=client_credential&appid=${app.appid}&secret=${app.secret}`)
  // The old legacy token lives 5 more minutes.
  nowMs += 301_000
}

const callsTo = (path: string) => calls.filter(call => call.path === path).length

describe.each([
  ['stable', stablePath],
  ['legacy', legacyPath],
] as const)('the access token in %s mode', (tokenMode, path) => {
  it('is fetched once however many wait for it', async () => {
    const wechat = createClient({ tokenMode })
    const tokens = await Promise.all(Array.from({ length: 50 }, () => wechat.accessToken.get()))
    expect(new Set(tokens).size).toBe(1)
    expect(callsTo(path)).toBe(1)
  })

  it('is good for a phone login', async () => {
    await expect(createClient({ tokenMode }).getPhoneNumber(await tap())).resolves.toMatchObject({
      e164: '+8613800000000',
    })
  })

  it('is kept until the last 300 s, renewed behind the back of a caller then, and awaited when it has expired', async () => {
    const wechat = createClient({ tokenMode })
    const first = await wechat.accessToken.get()
    nowMs += (7200 - 301) * 1000
    expect(await wechat.accessToken.get()).toBe(first)
    expect(callsTo(path)).toBe(1)

    nowMs += 250 * 1000
    expect(await wechat.accessToken.get()).toBe(first)
    await expect.poll(() => wechat.accessToken.get()).not.toBe(first)
    expect(callsTo(path)).toBe(2)

    const second = await wechat.accessToken.get()
    nowMs += 7201 * 1000
    expect(await wechat.accessToken.get()).not.toBe(second)
    expect(callsTo(path)).toBe(3)
  })

  it('goes on serving while its renewal fails, which is tried again after 10 s only', async () => {
    const wechat = createClient({ tokenMode })
    const first = await wechat.accessToken.get()
    nowMs += (7200 - 50) * 1000
    await emulator.addFault({ path, times: 1, errcode: 40164 })
    expect(await wechat.accessToken.get()).toBe(first)
    await expect.poll(() => callsTo(path)).toBe(2)
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(await wechat.accessToken.get()).toBe(first)
    expect(callsTo(path)).toBe(2)
    nowMs += 10_000
    await expect.poll(() => wechat.accessToken.get()).not.toBe(first)
  })

  it('does not remember a failure', async () => {
    const wechat = createClient({ tokenMode })
    await emulator.addFault({ path, times: 1, errcode: 40164 })
    await expect(wechat.accessToken.get()).rejects.toMatchObject({ code: 'IP_NOT_ALLOWED', path })
    await expect(wechat.accessToken.get()).resolves.toMatch(/\S/)
  })

  it('is asked for again when WeChat is busy, cut off or answers HTML', async () => {
    const faults = [{ errcode: -1 }, { reset: true }, { body: '<html>' }, { status: 502 }]
    for (const fault of faults) {
      await emulator.addFault({ path, times: 1, ...fault })
      await expect(createClient({ tokenMode }).accessToken.get()).resolves.toMatch(/\S/)
    }
    expect(callsTo(path)).toBe(2 * faults.length)
  })

  it('is not asked for more than three times in a row', async () => {
    await emulator.addFault({ path, times: 3, status: 502 })
    await expect(createClient({ tokenMode }).accessToken.get()).rejects.toMatchObject({ code: 'UNREADABLE' })
    expect(callsTo(path)).toBe(3)
  })

  it.each([
    40001, 40014, 42001,
  ])('is fetched anew and the call repeated once when WeChat rejects it with %i', async errcode => {
    const wechat = createClient({ tokenMode })
    const first = await wechat.accessToken.get()
    await emulator.addFault({ path: phonePath, times: 1, errcode })
    await expect(wechat.getPhoneNumber(await tap())).resolves.toMatchObject({ e164: '+8613800000000' })
    expect(callsTo(phonePath)).toBe(2)
    expect(await wechat.accessToken.get()).not.toBe(first)
  })

  it('rejected twice ends the call', async () => {
    const wechat = createClient({ tokenMode })
    await emulator.addFault({ path: phonePath, times: 2, errcode: 40001 })
    await expect(wechat.getPhoneNumber(await tap())).rejects.toMatchObject({
      kind: 'refused',
      code: 'TOKEN_REJECTED',
      errcode: 40001,
    })
    expect(callsTo(phonePath)).toBe(2)
  })

  it('is not dropped for the failure of an older one', async () => {
    const wechat = createClient({ tokenMode })
    const first = await wechat.accessToken.get()
    wechat.accessToken.drop(first)
    const second = await wechat.accessToken.get()
    expect(second).not.toBe(first)
    const before = callsTo(path)
    wechat.accessToken.drop(first)
    expect(await wechat.accessToken.get()).toBe(second)
    expect(callsTo(path)).toBe(before)
  })

  it('is fetched once when many calls find it rejected together', async () => {
    const wechat = createClient({ tokenMode })
    await wechat.accessToken.get()
    await voidToken(tokenMode)
    const codes = await Promise.all(Array.from({ length: 10 }, tap))
    await Promise.all(codes.map(code => wechat.getPhoneNumber(code)))
    expect(callsTo(phonePath)).toBe(20)
    expect(callsTo(path)).toBe(2)
  })

  it('reaches the others when one caller gives up', async () => {
    const wechat = createClient({ tokenMode })
    await emulator.addFault({ path, times: 1, delayMs: 150 })
    const hurried = wechat.accessToken.get({ signal: AbortSignal.timeout(20) })
    const patient = wechat.accessToken.get()
    await expect(hurried).rejects.toMatchObject({ kind: 'no_answer', code: 'UNREACHABLE' })
    await expect(patient).resolves.toMatch(/\S/)
    expect(callsTo(path)).toBe(1)
  })
})

describe('the access token in stable mode', () => {
  it('is taken as another process has renewed it, without forcing', async () => {
    const wechat = createClient()
    await wechat.accessToken.get()
    const renewed = await askForToken(true)
    await expect(wechat.getPhoneNumber(await tap())).resolves.toMatchObject({ e164: '+8613800000000' })
    expect(await wechat.accessToken.get()).toBe(renewed)
    expect(callsTo(stablePath)).toBe(2)
  })

  it('is forced at most every 30 s', async () => {
    const wechat = createClient()
    await wechat.accessToken.get()
    await emulator.addFault({ path: phonePath, times: 4, errcode: 40001 })
    await expect(wechat.getPhoneNumber('c1')).rejects.toMatchObject({ code: 'TOKEN_REJECTED' })
    expect(callsTo(stablePath)).toBe(3)
    await expect(wechat.getPhoneNumber('c2')).rejects.toMatchObject({ code: 'TOKEN_REJECTED' })
    expect(callsTo(stablePath)).toBe(4)

    nowMs += 30_000
    await emulator.addFault({ path: phonePath, times: 1, errcode: 40001 })
    await expect(wechat.getPhoneNumber(await tap())).resolves.toMatchObject({ e164: '+8613800000000' })
    expect(callsTo(stablePath)).toBe(6)
  })

  it('falls back to the plain answer when forcing is refused', async () => {
    const wechat = createClient()
    const first = await wechat.accessToken.get()
    for (let n = 0; n < 20; n += 1) {
      nowMs += 30_000
      await askForToken(true)
    }
    const current = await askForToken(false)
    wechat.accessToken.drop(first)
    expect(await wechat.accessToken.get()).toBe(current)
    wechat.accessToken.drop(current)
    await expect(wechat.accessToken.get()).resolves.toMatch(/\S/)
  })
})
