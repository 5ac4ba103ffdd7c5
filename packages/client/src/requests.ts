import { authorized, type Header } from './api.js'
import type { Core } from './core.js'
import { originOf } from './origin.js'
import type { PlatformAnswer } from './platform.js'

/** What `request` takes: what `wx.request` does, without callbacks. */
export interface RequestOptions {
  /** Absolute, or below the first of `apiUrls` (else below `baseUrl`). */
  readonly url: string
  /** In capitals. Default GET. */
  readonly method?: 'OPTIONS' | 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'TRACE' | 'CONNECT'
  readonly data?: string | object | ArrayBuffer
  readonly header?: Readonly<Record<string, string>>
  /** Milliseconds, default 60000. Waiting for a sign-in, a new token, or one of the 10 requests at once is not counted. */
  readonly timeout?: number
  readonly dataType?: string
  readonly responseType?: 'text' | 'arraybuffer'
  /** Default: `manual` where the token goes along, so that no redirect carries it elsewhere; otherwise WeChat's, `follow`. */
  readonly redirect?: 'follow' | 'manual'
}

/** What it resolves to, whatever the status is: what `wx.request` gives to `success`. */
export interface RequestResult<Data = unknown> {
  readonly statusCode: number
  readonly data: Data
  readonly header: Readonly<Record<string, string>>
}

/** WeChat sends 10 at once; two are left for renewing tokens and signing in. */
const atOnce = 8

/** Requests of the app. Those to our own servers carry the token. */
export function createRequest(core: Core) {
  const origins = core.urls.map(originOf)
  const waiting: (() => void)[] = []
  let running = 0

  const leave = () => {
    running--
    const next = waiting.shift()
    if (next) next()
  }

  return function request<Data = unknown>(options: RequestOptions): Promise<RequestResult<Data>> {
    const url = /^[a-z]+:/i.test(options.url)
      ? options.url
      : `${core.urls[1] || core.urls[0]}/${options.url.replace(/^\//, '')}`
    /** When less than 8 are under way. */
    const send = (own?: Header): Promise<PlatformAnswer> => {
      const header = Object.assign({}, options.header, own)
      const sent = new Promise<void>(begin => {
        if (running++ < atOnce) begin()
        else waiting.push(begin)
      }).then(() => core.platform.request(Object.assign({ redirect: own && 'manual' }, options, { url, header })))
      sent.then(leave, leave)
      return sent
    }
    const sendAs = () => authorized(core, send)
    const isForeign = origins.indexOf(originOf(url)) < 0
    // Nobody is signed in, but somebody may be when what is under way has ended.
    const sent = isForeign ? send() : core.current() ? sendAs() : core.run('request', core.current).then(sendAs)
    return sent as Promise<RequestResult<Data>>
  }
}
