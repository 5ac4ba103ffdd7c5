import { succeed } from './answer.js'
import { textOf } from './endpoint.js'
import { paths } from './paths.js'
import { withToken } from './with-token.js'

/** The user has to have been in the mini program so lately (the document's words for 61010). */
const visitMs = 30 * 60 * 1000

/** `POST /wxa/getuserriskrank`: how risky a user is, 0 to 4 (facts 4.1). */
export const riskRank = withToken(paths.riskRank, 'POST', call => {
  const { world, appid, fields, beyondQuota, refuse } = call
  const [openid, clientIp] = [textOf(fields.openid), textOf(fields.client_ip)]
  if (![0, 1].includes(fields.scene as number) || clientIp === '') return refuse(40097, 'scene or client_ip is missing')
  if (fields.appid !== appid) return refuse(43104, 'the appid is not that of the access token')
  const person = world.users.findByOpenid(appid, openid)
  if (!person)
    return world.users.knowsOpenid(openid)
      ? refuse(43104, 'the openid is of another app')
      : refuse(40003, 'nobody has this openid')
  const visit = person.visits.get(appid)
  if (!visit || world.now().getTime() - visit.getTime() > visitMs)
    return refuse(61010, 'the user was not in the app for 30 minutes')
  if (beyondQuota) return beyondQuota
  // "unoin_id" is WeChat's spelling, and a number.
  const unoin_id = Number.parseInt(openid.replace(/\D/g, '').padEnd(8, '0').slice(0, 8), 10)
  return succeed({ errcode: 0, errmsg: 'getuserriskrank succ', unoin_id, risk_rank: person.riskRank }, 'told')
})
