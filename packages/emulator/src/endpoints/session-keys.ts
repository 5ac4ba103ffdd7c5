import { createHmac } from 'node:crypto'
import { type Answered, succeed } from './answer.js'
import { paths } from './paths.js'
import { type TokenCall, withToken } from './with-token.js'

/** `GET /wxa/checksession`: whether the session_key that a server holds is alive (facts 4.1). */
export const checkSession = withToken(paths.checkSession, 'GET', call => {
  const refused = refuseSignature(call)
  if (refused) return refused
  return succeed({ errcode: 0, errmsg: 'ok' }, 'the signature is under the living session_key')
})

/** `GET /wxa/resetusersessionkey`: a new session_key in place of the one that a server holds (facts 4.1). */
export const resetSessionKey = withToken(paths.resetSessionKey, 'GET', call => {
  const refused = refuseSignature(call)
  if (refused) return refused
  const { world, appid, query } = call
  const { openid = '' } = query
  const session_key = world.sessionKeys.replace(appid, openid)
  return succeed({ errcode: 0, errmsg: 'ok', openid, session_key }, 'a new session_key; the old one is dead')
})

/** The signature is HMAC-SHA256 of nothing, its key the session_key as base64 text, in hex (facts 4.1; confidence C). */
function refuseSignature({ world, appid, query, beyondQuota, refuse }: TokenCall): Answered | undefined {
  const { openid = '', signature = '', sig_method: method = '' } = query
  if (openid === '' || signature === '') return refuse(40097, 'openid or signature is missing')
  if (method !== 'hmac_sha256') return refuse(87008, 'sig_method is not hmac_sha256')
  const sessionKey = world.sessionKeys.find(appid, openid)
  if (sessionKey === undefined) return refuse(87007, 'this openid has no living session_key')
  const expected = createHmac('sha256', sessionKey).update('').digest('hex')
  if (signature.toLowerCase() !== expected) return refuse(87009, 'the signature is not under the living session_key')
  if (beyondQuota) return beyondQuota
  world.sessionKeys.use(appid, openid)
  return undefined
}
