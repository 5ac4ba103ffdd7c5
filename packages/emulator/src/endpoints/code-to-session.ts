import { fail, overQuota, succeed } from './answer.js'
import type { Endpoint } from './endpoint.js'
import { paths } from './paths.js'

/** `GET /sns/jscode2session`: trades a login code (facts 1). The order of the checks is the sheet's, section 9.3. */
export const codeToSession: Endpoint = {
  path: paths.codeToSession,
  contentType: 'text/plain',
  answer(world, { path, query }) {
    const refuse = (errcode: number, why: string) => fail(world, path, errcode, why)
    const { appid = '', secret = '', js_code: code = '', grant_type: grantType } = query
    if (appid === '') return refuse(41002, 'no appid')
    const app = world.apps.find(appid)
    if (!app) return refuse(40013, 'no app has this appid')
    if (secret === '') return refuse(41004, 'no secret')
    if (secret !== app.secret) return refuse(40125, 'not the secret of this app')
    const beyondQuota = overQuota(world, path, appid)
    if (code === '') return refuse(41008, 'no js_code')
    if (grantType !== 'authorization_code') return refuse(40002, 'grant_type is not authorization_code')
    const state = world.loginCodes.look(code)
    if (state.kind === 'used') return refuse(40163, 'the code was traded before')
    if (state.kind === 'expired') return refuse(40029, 'the code is older than 5 minutes')
    if (state.kind === 'unknown') return refuse(40029, 'no such login code')
    if (state.minted.appid !== appid) return refuse(40029, 'the code is of another app')
    const person = world.users.get(state.minted.userId)
    if (person.isBlocked) return refuse(40226, 'the user is flagged as high risk')
    if (beyondQuota) return beyondQuota
    world.loginCodes.spend(code)
    const openid = world.users.openidOf(person, appid)
    const unionid = world.users.unionidOf(person, app)
    return succeed(
      { session_key: world.sessionKeys.use(appid, openid), openid, ...(unionid !== undefined && { unionid }) },
      unionid === undefined ? 'traded; the app has no Open Platform account, so no unionid' : 'traded',
    )
  },
}
