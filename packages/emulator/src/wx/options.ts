import type { PrivacyOptions } from './privacy.js'
import type { WxStorageArea } from './storage.js'
import type { WxUser } from './wechat-side.js'

/** How a phone and the mini program on it are; everything has a default. */
export interface WxOptions {
  /** The mini program. Default: the first app of the user's openids. `touristappid` is the tool's, without an account. */
  readonly appid?: string
  /** Default `develop`. */
  readonly envVersion?: 'develop' | 'trial' | 'release'
  /** Of the released mini program. Default empty. */
  readonly version?: string
  /** What getSystemInfoSync, getDeviceInfo and getAppBaseInfo tell otherwise than the default. */
  readonly device?: Readonly<Record<string, unknown>>
  /** Where it stores; give the same one again for a mini program that is started again. Default: a new one. */
  readonly storage?: WxStorageArea
  /** The domains that requests may go to, such as `https://api.example.com`. Default: all, as the tool with its check off. */
  readonly domains?: readonly string[]
  /** How long a request may take when it does not say. Default 60000, range 1 to 600000 (facts 5.5). */
  readonly timeoutMs?: number
  /** How long unfinished requests live in the background. Default 5000 (facts 5.5). */
  readonly interruptedAfterMs?: number
  readonly privacy?: PrivacyOptions
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** Milliseconds; default `Date.now`. */
  readonly now?: () => number
}

/** WeChat's own limits (facts 5.5; confidence A). */
export const defaultTimeoutMs = 60_000
export const defaultInterruptedAfterMs = 5000
export const tasksAtOnce = 10
const maxTimeoutMs = 600_000

/** @throws TypeError naming the option and what was expected */
export function parseOptions(user: WxUser, options: WxOptions) {
  const { timeoutMs = defaultTimeoutMs, interruptedAfterMs = defaultInterruptedAfterMs } = options
  const userId = typeof user === 'string' ? user : user?.id
  if (typeof userId !== 'string' || userId === '')
    throw new TypeError('user: expected a user of the emulator, or its id')
  const appid = options.appid ?? (typeof user === 'string' ? undefined : Object.keys(user.openids ?? {})[0])
  if (appid === undefined) throw new TypeError('appid: expected the appid of the mini program, beside the id of a user')
  if (!(timeoutMs >= 1 && timeoutMs <= maxTimeoutMs))
    throw new TypeError(`timeoutMs: expected a number from 1 to ${maxTimeoutMs}`)
  if (!(interruptedAfterMs >= 0)) throw new TypeError('interruptedAfterMs: expected 0 or more')
  // Called as a plain function: a browser's fetch refuses to be a method of something else.
  const given = options.fetch ?? globalThis.fetch
  const fetch: typeof globalThis.fetch = (input, init) => given(input, init)
  return { ...options, userId, appid, timeoutMs, interruptedAfterMs, fetch, now: options.now ?? Date.now }
}
