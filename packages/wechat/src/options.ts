import type { WechatErrorCode } from './error-codes.js'
import { parseSecurity, type SecurityOptions, type SecuritySettings } from './security/options.js'
import type { AccessTokenStore } from './token-store.js'

/** The time now; injected so that tests can move it. */
export type Clock = () => Date

/** One HTTP call to WeChat, for metrics and logs: paths only, never query strings or bodies. */
export interface WechatCall {
  appid: string
  /** The endpoint's path without query, for instance `/sns/jscode2session`. */
  path: string
  durationMs: number
  /** The HTTP status, when there was an answer. */
  status?: number
  /** WeChat's errcode, when it was not 0. */
  errcode?: number
  /** WeChat's id of the request, when it gave one. */
  rid?: string
  /** The code of the WechatError this call ended in; absent when it succeeded. */
  failure?: WechatErrorCode
}

/** How a process came to another access token. */
export interface TokenChange {
  readonly appid: string
  /** Why: the process had `first` none, or one that was `ending`, `expired` or `rejected` by WeChat. */
  readonly cause: 'first' | 'ending' | 'expired' | 'rejected'
  /** WeChat was asked (`forced`: to make another although there was one), or another process's was `adopted`. */
  readonly how: 'fetched' | 'forced' | 'adopted'
}

export interface WechatOptions {
  /** The mini program's id, from WeChat's admin page. */
  appid: string
  /** Its AppSecret, from the same page. */
  secret: string
  /**
   * Where WeChat's API is: http or https, a path prefix is allowed.
   * Default `https://api.weixin.qq.com`; an emulator or a gateway otherwise.
   */
  apiBase?: string | undefined
  /**
   * How access tokens are fetched. `stable` (default, WeChat's recommendation): every holder of the secret gets the same
   * token. `legacy`: each fetch voids the token before it, so several processes need a `tokenStore`.
   */
  tokenMode?: 'stable' | 'legacy' | undefined
  /** Where processes share the access token. Default: each process asks WeChat for itself. */
  tokenStore?: AccessTokenStore | undefined
  /** Told of every other access token; what it throws is ignored. */
  onTokenChange?: ((change: TokenChange) => void) | undefined
  /** Whether WeChat is asked to check that phone code and openid belong together when an openid is given. Default true. */
  checkPhoneOwner?: boolean | undefined
  /**
   * The time limit of one call, connecting and reading the body included, in milliseconds.
   * Default 3000, range 1 to 60000: our reasoning, a login is at most three calls and should end within 8 s.
   */
  timeoutMs?: number | undefined
  /** API security mode: bodies encrypted, requests and answers signed. Default none. */
  security?: SecurityOptions | undefined
  /** Used for all calls instead of our own keep-alive pool. */
  fetch?: typeof globalThis.fetch | undefined
  /** Default: the machine's clock. */
  clock?: Clock | undefined
  /** Numbers from 0 up to 1, for jitter. Default `Math.random`. */
  random?: (() => number) | undefined
  /** Told of every HTTP call when it has ended; what it throws is ignored. */
  onCall?: ((call: WechatCall) => void) | undefined
}

/** The options, checked and completed. */
export interface Settings {
  readonly appid: string
  readonly secret: string
  /** Scheme, host and port. */
  readonly origin: string
  /** The path before every endpoint's: empty or `/like/this`. */
  readonly prefix: string
  readonly tokenMode: 'stable' | 'legacy'
  readonly tokenStore: AccessTokenStore | undefined
  readonly onTokenChange: ((change: TokenChange) => void) | undefined
  readonly checkPhoneOwner: boolean
  readonly timeoutMs: number
  readonly security: SecuritySettings | undefined
  readonly fetch: typeof globalThis.fetch | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly onCall: ((call: WechatCall) => void) | undefined
}

const defaultApiBase = 'https://api.weixin.qq.com'
const defaultTimeoutMs = 3000
const maxTimeoutMs = 60_000

/**
 * Checks the options and completes them with the defaults; the caller's object is left as it was.
 *
 * @throws TypeError naming the option and what was expected (never its value: it may be the secret)
 */
export function parseOptions(options: WechatOptions): Settings {
  if (typeof options !== 'object' || options === null) throw new TypeError('options: expected an object')
  const { appid, secret, tokenMode = 'stable', checkPhoneOwner = true, timeoutMs = defaultTimeoutMs } = options
  const { fetch, clock = () => new Date(), random = Math.random, onCall, tokenStore, onTokenChange } = options
  check('appid', isWord(appid), 'a non-empty string without spaces')
  check('secret', isWord(secret), 'a non-empty string without spaces')
  check('tokenMode', tokenMode === 'stable' || tokenMode === 'legacy', "'stable' or 'legacy'")
  check('checkPhoneOwner', typeof checkPhoneOwner === 'boolean', 'a boolean')
  check(
    'timeoutMs',
    Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= maxTimeoutMs,
    `an integer from 1 to ${maxTimeoutMs}`,
  )
  for (const [name, value] of Object.entries({ fetch, clock, random, onCall, onTokenChange })) {
    check(name, value === undefined || typeof value === 'function', 'a function')
  }
  check(
    'tokenStore',
    tokenStore === undefined || isStore(tokenStore),
    'an object with read, acquire, write and release',
  )
  const base = parseApiBase(options.apiBase ?? defaultApiBase)
  const security = parseSecurity(options.security, base.origin + base.prefix)
  return Object.freeze({
    appid,
    secret,
    ...base,
    tokenMode,
    tokenStore,
    onTokenChange,
    checkPhoneOwner,
    timeoutMs,
    security,
    fetch,
    clock,
    random,
    onCall,
  })
}

function parseApiBase(apiBase: unknown): { origin: string; prefix: string } {
  const url = typeof apiBase === 'string' && URL.canParse(apiBase) ? new URL(apiBase) : undefined
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (!url || !isHttp || url.username || url.password || url.search || url.hash) {
    throw new TypeError('apiBase: expected an http or https address without user, query and fragment')
  }
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
}

function isStore(value: unknown): boolean {
  const { read, acquire, write, release } = Object(value) as Record<string, unknown>
  return [read, acquire, write, release].every(verb => typeof verb === 'function')
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^\S+$/.test(value)
}

function check(name: string, isRight: boolean, expected: string): void {
  if (!isRight) throw new TypeError(`${name}: expected ${expected}`)
}
