import type { TokenCause } from '../world/tokens.js'
import type { World } from '../world/world.js'
import { type Answered, fail, overQuota, succeed } from './answer.js'
import { type Endpoint, textOf } from './endpoint.js'
import { paths } from './paths.js'

/** `GET /cgi-bin/token`: each fetch voids the former token after 5 minutes (facts 2.1). */
export const legacyToken: Endpoint = {
  path: paths.legacyToken,
  contentType: 'application/json',
  answer(world, { path, query, ip }) {
    const { appid = '', secret = '', grant_type: grantType = '' } = query
    const refused = refuseClient(world, path, { appid, secret, grantType, ip }) ?? overQuota(world, path, appid)
    if (refused) return refused
    const { token, expiresInSeconds, cause } = world.tokens.issueLegacy(appid)
    return succeed(
      { access_token: token, expires_in: expiresInSeconds },
      cause === 'replaced' ? 'a new token; the former of this family lives 5 more minutes' : 'a new token',
    )
  },
}

/** `POST /cgi-bin/stable_token`: the same token for everybody until its last 5 minutes (facts 2.2). */
export const stableToken: Endpoint = {
  path: paths.stableToken,
  contentType: 'application/json',
  answer(world, { path, method, fields, ip }) {
    if (method !== 'POST') return fail(world, path, 43002, 'POST only')
    if (fields === 'empty') return fail(world, path, 44002, 'no body')
    if (fields === 'malformed') return fail(world, path, 47001, 'the body is not a JSON object')
    const [appid, secret, grantType] = [textOf(fields.appid), textOf(fields.secret), textOf(fields.grant_type)]
    const refused = refuseClient(world, path, { appid, secret, grantType, ip }) ?? overQuota(world, path, appid)
    if (refused) return refused
    const { token, expiresInSeconds, cause } = world.tokens.issueStable(appid, fields.force_refresh === true)
    return succeed(
      { access_token: token, expires_in: expiresInSeconds },
      `${reasons[cause]}; ${expiresInSeconds} s left`,
    )
  },
}

const reasons: Readonly<Record<TokenCause, string>> = {
  first: 'a new token: there was none',
  same: 'the token that is there',
  renewed: 'a new token: the former is in its last 300 s and works until its end',
  forced: 'a new token by force: the former is void',
  forceIgnored: 'the token that is there: force_refresh counts 20 times a day and every 30 s',
  replaced: 'a new token',
}

/** The appid is checked before the grant type (facts 2.1; confidence B); where the address comes in is our choice. */
function refuseClient(
  world: World,
  path: string,
  client: { appid: string; secret: string; grantType: string; ip: string },
): Answered | undefined {
  const { appid, secret, grantType, ip } = client
  if (appid === '') return fail(world, path, 41002, 'no appid')
  const app = world.apps.find(appid)
  if (!app) return fail(world, path, 40013, 'no app has this appid')
  if (secret === '') return fail(world, path, 41004, 'no secret')
  if (secret !== app.secret) return fail(world, path, 40125, 'not the secret of this app')
  if (app.allowedIps && !app.allowedIps.includes(ip)) {
    const text = `invalid ip ${ip} ipv6 ${ip.includes(':') ? ip : `::ffff:${ip}`}, not in whitelist`
    return fail(world, path, 40164, 'the address is not on the list of this app', text)
  }
  if (grantType !== 'client_credential') return fail(world, path, 40002, 'grant_type is not client_credential')
  return undefined
}
