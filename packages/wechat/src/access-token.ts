import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Call } from './call.js'
import { isWechatError, type WechatError } from './errors.js'
import { fetchToken, tokenPath } from './fetch-token.js'
import { createForceLimit } from './force-limit.js'
import { type Limit, type LimitOptions, startLimit, toSignal } from './limit.js'
import type { Settings, TokenChange } from './options.js'
import { unreachable } from './request.js'
import {
  firstPollMs,
  lastPollMs,
  leaseMsFor,
  type SharedToken,
  storeTimeoutMs,
  waitForHolderMs,
} from './token-store.js'
import { untilAborted } from './until-aborted.js'

// Inside WeChat's hand-over of 300 s, never before it: until then stable_token answers the same token, and a wider
// margin would fetch in a loop. Jitter keeps many processes from refreshing together.
const refreshEarliestSeconds = 290
const refreshLatestSeconds = 60
const pauseAfterFailureMs = 10_000

type Cause = TokenChange['cause']

interface CachedToken {
  readonly token: string
  /** From here on a new one is fetched while this one still serves. */
  refreshAtMs: number
  readonly expiresAtMs: number
}

/**
 * The access token of one app: fetched once however many wait for it, in this process and in those that share its
 * store, and kept until shortly before it expires.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html
 */
export function createAccessToken({ settings, call }: { settings: Settings; call: Call }) {
  const { appid, clock, random, tokenMode, tokenStore: store } = settings
  const holder = randomUUID()
  const lease = { holder, leaseMs: leaseMsFor(settings.timeoutMs) }
  const forceLimit = createForceLimit(clock)
  let cached: CachedToken | undefined
  let rejected: string | undefined
  let inFlight: Promise<string> | undefined

  /**
   * The token to call WeChat with. In its last minutes the old one is given while a new one is fetched.
   *
   * @param options the caller's limit; when it is over, others who wait for the same token still get it
   * @throws WechatError `UNREACHABLE` · `UNREADABLE` · `SECRET_INVALID`, `IP_NOT_ALLOWED` and what else WeChat refuses with
   */
  async function get(options: LimitOptions = {}): Promise<string> {
    const nowMs = clock().getTime()
    if (cached && nowMs < cached.expiresAtMs) {
      if (nowMs >= cached.refreshAtMs) renewBehind(cached)
      return cached.token
    }
    const cause = cached ? 'expired' : rejected === undefined ? 'first' : 'rejected'
    const signal = toSignal(startLimit(options))
    try {
      return await untilAborted(renew(cause), signal)
    } catch (error) {
      if (isWechatError(error)) throw error
      throw unreachable(tokenPath(settings), 'the caller gave up waiting for the access token', { requestSent: true })
    }
  }

  /** Forgets a token that WeChat rejected, unless another has taken its place since. */
  function drop(token: string): void {
    if (cached?.token !== token) return
    cached = undefined
    rejected = token
  }

  function renewBehind(old: CachedToken): void {
    renew('ending').catch(() => {
      old.refreshAtMs = clock().getTime() + pauseAfterFailureMs
    })
  }

  function renew(cause: Cause): Promise<string> {
    inFlight ??= (store ? renewShared(cause) : fetchOwn(cause)).finally(() => {
      inFlight = undefined
    })
    return inFlight
  }

  /** Takes what another process fetched, or fetches under the lease; who finds the lease taken waits for its holder. */
  async function renewShared(cause: Cause): Promise<string> {
    const startedMs = performance.now()
    for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 1.5, lastPollMs)) {
      if (await tryStore(adoptShared(cause), false)) break
      const isTaken = await tryStore(store?.acquire(appid, lease), undefined)
      if (isTaken) return fetchLeased(cause)
      // The store is out of reach, or the holder of the lease has died.
      if (isTaken === undefined || performance.now() - startedMs > waitForHolderMs) return fetchOwn(cause)
      // Another process is fetching; until it has, the present token serves.
      if (cached && clock().getTime() < cached.expiresAtMs) {
        cached.refreshAtMs = clock().getTime() + pauseAfterFailureMs
        break
      }
      await delay(pollMs * (1 + random()))
    }
    return cached?.token ?? renewShared(cause)
  }

  async function fetchLeased(cause: Cause): Promise<string> {
    try {
      // Between the look and the lease another process may have come to its end.
      if ((await tryStore(adoptShared(cause), false)) && cached) return cached.token
      const token = await fetchOwn(cause)
      if (cached) await tryStore(store?.write(appid, holder, toShared(cached)), undefined)
      return token
    } finally {
      await tryStore(store?.release(appid, holder), undefined)
    }
  }

  /** Takes the shared token, if it is another than the one that is to be replaced. */
  async function adoptShared(cause: Cause): Promise<boolean> {
    const shared = await store?.read(appid)
    if (!shared || shared.token === rejected || shared.token === cached?.token) return false
    if (shared.expiresAt <= clock()) return false
    cached = toCached(shared)
    tell({ appid, cause, how: 'adopted' })
    return true
  }

  async function fetchOwn(cause: Cause): Promise<string> {
    let fetched = await fetchToken(call, settings, false)
    let how: TokenChange['how'] = 'fetched'
    // Stable mode goes on handing out a token that WeChat itself rejects, until it is told to make another.
    if (tokenMode === 'stable' && fetched.token === rejected && forceLimit.take()) {
      fetched = await fetchToken(call, settings, true).catch(() => fetched)
      how = 'forced'
    }
    cached = toCached(fetched)
    tell({ appid, cause, how })
    return fetched.token
  }

  function toCached({ token, expiresAt }: SharedToken): CachedToken {
    const nowMs = clock().getTime()
    const leftMs = expiresAt.getTime() - nowMs
    const marginSeconds = refreshLatestSeconds + (refreshEarliestSeconds - refreshLatestSeconds) * random()
    // A token near its end is used for half of what is left: a margin alone would refetch it at once.
    return {
      token,
      refreshAtMs: nowMs + Math.max(leftMs - marginSeconds * 1000, leftMs / 2),
      expiresAtMs: expiresAt.getTime(),
    }
  }

  function tell(change: TokenChange): void {
    try {
      settings.onTokenChange?.(change)
    } catch {
      // A broken observer must not turn a token into a failure.
    }
  }

  return { get, drop }
}

export type AccessToken = ReturnType<typeof createAccessToken>

/** A store that fails, or does not answer, is none: WeChat is asked without it. */
async function tryStore<T, F>(work: Promise<T> | undefined, otherwise: F): Promise<T | F> {
  if (work === undefined) return otherwise
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<F>(resolve => {
    timer = setTimeout(() => resolve(otherwise), storeTimeoutMs)
  })
  try {
    return await Promise.race([work, tooLate])
  } catch {
    return otherwise
  } finally {
    clearTimeout(timer)
  }
}

function toShared({ token, expiresAtMs }: CachedToken): SharedToken {
  return { token, expiresAt: new Date(expiresAtMs) }
}

/**
 * Makes a call that needs the access token. When WeChat rejects the token it is dropped and the call made again, once.
 *
 * @throws WechatError `TOKEN_REJECTED` when the second token is rejected too · whatever `ask` throws
 */
export async function withAccessToken<T>(
  accessToken: AccessToken,
  ask: (token: string) => Promise<T>,
  limit: Limit,
): Promise<T> {
  const { signal } = limit
  const token = await accessToken.get({ signal, timeoutMs: limit.leftMs() })
  try {
    return await ask(token)
  } catch (error) {
    if (!isTokenRejected(error)) throw error
    accessToken.drop(token)
  }
  return ask(await accessToken.get({ signal, timeoutMs: limit.leftMs() }))
}

function isTokenRejected(error: unknown): error is WechatError {
  return isWechatError(error) && error.code === 'TOKEN_REJECTED'
}
