import { type AccessToken, withAccessToken } from '../access-token.js'
import type { Call, CallOptions } from '../call.js'
import { type LimitOptions, startLimit } from '../limit.js'
import type { Settings } from '../options.js'
import type { WechatRequest } from '../request.js'

/** What every call takes besides its own input. */
export type AskOptions = LimitOptions

/** A request that still lacks its access token. */
export interface TokenlessRequest {
  readonly method: WechatRequest['method']
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly json?: Readonly<Record<string, unknown>>
  /** The values of query and body that must never show, besides secret and token. */
  readonly secrets: readonly string[]
}

/** What the groups of calls are made with. */
export interface CallDeps {
  readonly settings: Settings
  readonly call: Call
  readonly ask: Ask
}

/** Makes calls that need the access token; one that WeChat rejects is replaced and the call repeated, once. */
export function createAsk(deps: { settings: Settings; call: Call; accessToken: AccessToken }) {
  const { settings, call, accessToken } = deps

  /** @throws WechatError of the last try */
  return function ask<T>(
    { method, path, query, json, secrets }: TokenlessRequest,
    { parse, isRepeatable, ...options }: CallOptions<T>,
  ): Promise<T> {
    const limit = startLimit(options)
    return withAccessToken(
      accessToken,
      token =>
        call(
          {
            method,
            path,
            query: { access_token: token, ...query },
            ...(json && { json }),
            secrets: [settings.secret, token, ...secrets],
          },
          { parse, isRepeatable, signal: limit.signal, timeoutMs: limit.leftMs() },
        ),
      limit,
    )
  }
}

export type Ask = ReturnType<typeof createAsk>
