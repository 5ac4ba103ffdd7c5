import type { Call } from './call.js'
import { isWechatError, type WechatError } from './errors.js'
import { createForceLimit } from './force-limit.js'
import { type Fields, unreadable } from './judge.js'
import type { Settings } from './options.js'
import { paths } from './paths.js'
import { unreachable, type WechatRequest } from './request.js'
import { untilAborted } from './until-aborted.js'

// Inside WeChat's hand-over of 300 s, never before it: until then stable_token answers the same token, and a wider
// margin would fetch in a loop. Jitter keeps many processes from refreshing together.
const refreshEarliestSeconds = 290
const refreshLatestSeconds = 60
const pauseAfterFailureMs = 10_000

interface CachedToken {
  readonly token: string
  /** From here on a new one is fetched while this one still serves. */
  refreshAtMs: number
  readonly expiresAtMs: number
}

/**
 * The access token of one app: fetched once however many wait for it, kept until shortly before it expires.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html
 */
export function createAccessToken({ settings, call }: { settings: Settings; call: Call }) {
  const { clock, random, tokenMode } = settings
  const path = tokenMode === 'stable' ? paths.stableToken : paths.legacyToken
  const forceLimit = createForceLimit(clock)
  let cached: CachedToken | undefined
  let rejected: string | undefined
  let inFlight: Promise<string> | undefined

  /**
   * The token to call WeChat with. In its last minutes the old one is given while a new one is fetched.
   *
   * @param options.signal the caller's limit; when it aborts, others who wait for the same token still get it
   * @throws WechatError `UNREACHABLE` · `UNREADABLE` · `SECRET_INVALID`, `IP_NOT_ALLOWED` and what else WeChat refuses with
   */
  async function get({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<string> {
    const nowMs = clock().getTime()
    if (cached && nowMs < cached.expiresAtMs) {
      if (nowMs >= cached.refreshAtMs) refreshBehind(cached)
      return cached.token
    }
    try {
      return await untilAborted(fetchShared(), signal)
    } catch (error) {
      if (isWechatError(error)) throw error
      throw unreachable(path, 'the caller gave up waiting for the access token', { requestSent: true })
    }
  }

  /** Forgets a token that WeChat rejected, unless another has taken its place since. */
  function drop(token: string): void {
    if (cached?.token !== token) return
    cached = undefined
    rejected = token
  }

  function refreshBehind(old: CachedToken): void {
    fetchShared().catch(() => {
      old.refreshAtMs = clock().getTime() + pauseAfterFailureMs
    })
  }

  function fetchShared(): Promise<string> {
    inFlight ??= fetchToken().finally(() => {
      inFlight = undefined
    })
    return inFlight
  }

  async function fetchToken(): Promise<string> {
    let fetched = await requestToken(false)
    // Stable mode goes on handing out a token that WeChat itself rejects, until it is told to make another.
    if (tokenMode === 'stable' && fetched.token === rejected && forceLimit.take()) {
      fetched = await requestToken(true).catch(() => fetched)
    }
    cached = fetched
    return fetched.token
  }

  function requestToken(force: boolean): Promise<CachedToken> {
    const request = tokenMode === 'stable' ? stableTokenRequest(settings, force) : legacyTokenRequest(settings)
    const askedAtMs = clock().getTime()
    return call(request, {
      isRepeatable: !force,
      parse: fields => {
        const { token, lifetimeSeconds } = parseToken(path, fields)
        const marginSeconds = refreshLatestSeconds + (refreshEarliestSeconds - refreshLatestSeconds) * random()
        // A token near its end is used for half of what is left: a margin alone would refetch it at once.
        const restSeconds = Math.max(lifetimeSeconds - marginSeconds, lifetimeSeconds / 2)
        return { token, refreshAtMs: askedAtMs + restSeconds * 1000, expiresAtMs: askedAtMs + lifetimeSeconds * 1000 }
      },
    })
  }

  return { get, drop }
}

export type AccessToken = ReturnType<typeof createAccessToken>

/**
 * Makes a call that needs the access token. When WeChat rejects the token it is dropped and the call made again, once.
 *
 * @throws WechatError `TOKEN_REJECTED` when the second token is rejected too · whatever `ask` throws
 */
export async function withAccessToken<T>(
  accessToken: AccessToken,
  ask: (token: string) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const token = await accessToken.get({ signal })
  try {
    return await ask(token)
  } catch (error) {
    if (!isTokenRejected(error)) throw error
    accessToken.drop(token)
  }
  return ask(await accessToken.get({ signal }))
}

function isTokenRejected(error: unknown): error is WechatError {
  return isWechatError(error) && error.code === 'TOKEN_REJECTED'
}

function stableTokenRequest({ appid, secret }: Settings, force: boolean): WechatRequest {
  const json = { grant_type: 'client_credential', appid, secret, ...(force && { force_refresh: true }) }
  return { method: 'POST', path: paths.stableToken, query: {}, json, secrets: [secret] }
}

function legacyTokenRequest({ appid, secret }: Settings): WechatRequest {
  const query = { grant_type: 'client_credential', appid, secret }
  return { method: 'GET', path: paths.legacyToken, query, secrets: [secret] }
}

function parseToken(
  path: string,
  { access_token: token, expires_in: expiresIn }: Fields,
): { token: string; lifetimeSeconds: number } {
  if (typeof token !== 'string' || token === '') throw unreadable(path, 'the answer has no access_token')
  const lifetimeSeconds = Number(expiresIn)
  if (!Number.isFinite(lifetimeSeconds) || lifetimeSeconds <= 0)
    throw unreadable(path, 'expires_in is not a number of seconds')
  return { token, lifetimeSeconds }
}
