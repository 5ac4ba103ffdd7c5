import type { Call } from './call.js'
import { type Fields, unreadable } from './judge.js'
import type { Settings } from './options.js'
import { paths } from './paths.js'
import type { WechatRequest } from './request.js'
import type { SharedToken } from './token-store.js'

/**
 * Asks WeChat for an access token, in the mode of the settings.
 *
 * @param force stable mode only: void the present token and make another
 * @throws WechatError as `createAccessToken().get`
 */
export function fetchToken(call: Call, settings: Settings, force: boolean): Promise<SharedToken> {
  const { tokenMode, clock } = settings
  const request = tokenMode === 'stable' ? stableTokenRequest(settings, force) : legacyTokenRequest(settings)
  const askedAtMs = clock().getTime()
  return call(request, {
    isRepeatable: !force,
    parse: fields => {
      const { token, lifetimeSeconds } = parseToken(request.path, fields)
      return { token, expiresAt: new Date(askedAtMs + lifetimeSeconds * 1000) }
    },
  })
}

/** The endpoint that tokens of this mode come from. */
export function tokenPath({ tokenMode }: Pick<Settings, 'tokenMode'>): string {
  return tokenMode === 'stable' ? paths.stableToken : paths.legacyToken
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
