import type { World } from '../world/world.js'
import { type Answered, fail, succeed } from './answer.js'
import { type Endpoint, textOf } from './endpoint.js'

/** `GET /cgi-bin/token`: each fetch voids the former token after 5 minutes (facts 2.1). */
export const legacyToken: Endpoint = {
  path: '/cgi-bin/token',
  contentType: 'application/json',
  answer(world, { path, query }) {
    const { appid = '', secret = '', grant_type: grantType = '' } = query
    const refused = refuseClient(world, path, { appid, secret, grantType })
    if (refused) return refused
    const { token, expiresInSeconds } = world.tokens.issueLegacy(appid)
    return succeed(
      { access_token: token, expires_in: expiresInSeconds },
      'a new token; the former of this family lives 5 more minutes',
    )
  },
}

/** `POST /cgi-bin/stable_token`: the same token for everybody until its last 5 minutes (facts 2.2). */
export const stableToken: Endpoint = {
  path: '/cgi-bin/stable_token',
  contentType: 'application/json',
  answer(world, { path, method, fields }) {
    if (method !== 'POST') return fail(world, path, 43002, 'POST only')
    if (fields === 'empty') return fail(world, path, 44002, 'no body')
    if (fields === 'malformed') return fail(world, path, 47001, 'the body is not a JSON object')
    const appid = textOf(fields.appid)
    const refused = refuseClient(world, path, {
      appid,
      secret: textOf(fields.secret),
      grantType: textOf(fields.grant_type),
    })
    if (refused) return refused
    const { token, expiresInSeconds } = world.tokens.issueStable(appid, fields.force_refresh === true)
    return succeed(
      { access_token: token, expires_in: expiresInSeconds },
      `the stable token, ${expiresInSeconds} s left`,
    )
  },
}

/** The appid is checked before the grant type (facts 2.1; confidence B). */
function refuseClient(
  world: World,
  path: string,
  client: { appid: string; secret: string; grantType: string },
): Answered | undefined {
  const { appid, secret, grantType } = client
  if (appid === '') return fail(world, path, 41002, 'no appid')
  const app = world.apps.find(appid)
  if (!app) return fail(world, path, 40013, 'no app has this appid')
  if (secret === '') return fail(world, path, 41004, 'no secret')
  if (secret !== app.secret) return fail(world, path, 40125, 'not the secret of this app')
  if (grantType !== 'client_credential') return fail(world, path, 40002, 'grant_type is not client_credential')
  return undefined
}
