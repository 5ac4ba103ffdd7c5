import { originOf } from './origin.js'
import type { Platform } from './platform.js'

/** Options of createLoginClient. */
export interface LoginClientOptions {
  /** Where the login server is, with the path it is mounted at: `https://api.example.com/auth`. */
  readonly baseUrl: string
  /** `wxPlatform(wx)`, `uniPlatform(uni)`, `taroPlatform(Taro)`, or one of your own. */
  readonly platform: Platform
  /**
   * Base URLs of your own back ends. Relative URLs of `request` begin at the first one; the token goes to the origins of
   * all of them and of `baseUrl`, and nowhere else. Default: none, and relative URLs begin at `baseUrl`.
   */
  readonly apiUrls?: readonly string[]
  /** Which mini program; default: as the platform tells. */
  readonly appid?: string
  /** Default `mplogin`. Clients with the same key share a session. */
  readonly storageKey?: string
  /** How long the login server may take to answer, in milliseconds. Default 10000: its own limit is 8 seconds. */
  readonly timeoutMs?: number
  /** Milliseconds, for tests; default `Date.now`. It may be wrong: it is compared with itself only. */
  readonly now?: () => number
}

/**
 * The options, complete.
 *
 * @throws TypeError naming the URL that is none
 */
export function parseOptions({
  baseUrl,
  apiUrls = [],
  platform,
  appid = platform.appid,
  storageKey = 'mplogin',
  timeoutMs = 10_000,
  now = Date.now,
}: LoginClientOptions) {
  const urls = [baseUrl].concat(apiUrls).map(url => {
    if (!originOf(url)) throw new TypeError(`not a base URL: ${url}`)
    return url.replace(/\/+$/, '')
  })
  return { platform, appid, storageKey, timeoutMs, now, urls }
}

export type Settings = ReturnType<typeof parseOptions>
