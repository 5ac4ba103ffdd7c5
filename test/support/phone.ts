import { createLoginClient, type LoginClientOptions } from '@mplogin/client'
import { type WxApis, wxPlatform } from '@mplogin/client/wx'
import { createWx, type Wx, type WxOptions, type WxStorageArea } from '@mplogin/emulator/wx'
import { appA, type System } from './system.js'

/** A request as it left the phone. */
export interface SentRequest {
  readonly method: string
  /** With its host when it did not go to the login server. */
  readonly path: string
  readonly headers: Headers
  readonly body: unknown
}

/**
 * What becomes of a request: it never arrives; it arrives, but its answer does not; nobody hears of it again; or something
 * happens between its answer and the phone.
 */
type Fate = 'request lost' | 'answer lost' | 'silence' | (() => Promise<void> | void)

/** A phone in somebody's hand, on a network that a test can bend; the mini program on it can be killed and started again. */
export function createPhone(system: System, options: { phone?: string; skewMs?: number } = {}) {
  const { phone, skewMs = 0 } = options
  const user = system.emulator.createUser(phone === undefined ? {} : { phone })
  const sent: SentRequest[] = []
  const fates: { readonly path: string; readonly fate: Fate; times: number }[] = []
  const underWay = new Map<string, number>()
  const most = new Map<string, number>()
  const clock = { errorMs: skewMs }
  let storage: WxStorageArea = new Map()
  let life: { wx: Wx } | undefined

  async function fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const url = String(input)
    const path = url.startsWith(system.url) ? url.slice(system.url.length) : url
    const { method = 'GET', body } = init
    sent.push({
      method,
      path,
      headers: new Headers(init.headers),
      body: typeof body === 'string' ? JSON.parse(body) : body,
    })
    const count = (underWay.get(path) ?? 0) + 1
    underWay.set(path, count)
    most.set(path, Math.max(most.get(path) ?? 0, count))
    try {
      return await carry(url, path, init)
    } finally {
      underWay.set(path, (underWay.get(path) ?? 1) - 1)
    }
  }

  async function carry(url: string, path: string, init: RequestInit): Promise<Response> {
    // The world beyond this machine: whoever it is, they listen.
    const isHere = url.startsWith('http://127.0.0.1:')
    const send = () => (isHere ? globalThis.fetch(url, init) : Promise.resolve(Response.json({ from: url })))
    const bent = fates.find(one => one.path === path && one.times > 0)
    if (!bent) return send()
    bent.times--
    if (bent.fate === 'request lost') throw new TypeError('the network is gone')
    if (bent.fate === 'silence') {
      return new Promise((_resolve, reject) =>
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      )
    }
    const answer = await send()
    if (bent.fate === 'answer lost') throw new TypeError('the network is gone')
    await bent.fate()
    return answer
  }

  /** Starts the mini program: what was stored is there, nothing else. */
  function start(more: Partial<LoginClientOptions> & { wx?: WxOptions } = {}) {
    const { wx: wxOptions, ...clientOptions } = more
    kill()
    const wx = createWx(system.emulator, user, { appid: appA.appid, storage, fetch, ...wxOptions })
    const logins = { count: 0 }
    const counted = {
      ...wx,
      login(asked: Parameters<typeof wx.login>[0]): void {
        logins.count++
        wx.login(asked)
      },
    }
    life = { wx }
    return { wx, logins, ...join(counted, clientOptions) }
  }

  /** A client on a wx, and what its listener heard: who is signed in, and why not. */
  function join(wx: WxApis, clientOptions: Partial<LoginClientOptions> = {}) {
    const login = createLoginClient({
      baseUrl: system.url,
      platform: wxPlatform(wx),
      now: () => system.clock().getTime() + clock.errorMs,
      ...clientOptions,
    })
    const heard: (readonly [string | undefined, string | undefined])[] = []
    login.onChange((someone, reason) => void heard.push([someone?.id, reason?.code]))
    return { login, heard }
  }

  /** Ends the mini program as the system does when it needs memory: nothing it does from now on is stored, or arrives. */
  function kill(): void {
    life?.wx.setOffline(true)
    storage = new Map(storage)
  }

  return {
    user,
    sent,
    clock,
    start,
    join,
    kill,
    storage: () => storage,
    /** The network is as it should be from now on. */
    mend: () => void fates.splice(0),
    bend: (path: string, fate: Fate, times = 1) => void fates.push({ path, fate, times }),
    /** The requests to a path. */
    sentTo: (path: string) => sent.filter(one => one.path === path),
    /** How many of a path were under way at once, at most. */
    mostAtOnce: (path: string) => most.get(path) ?? 0,
  }
}

export type Phone = ReturnType<typeof createPhone>
