import { toPhoneInfo } from '../world/phone.js'
import { succeed } from './answer.js'
import { textOf } from './endpoint.js'
import { paths } from './paths.js'
import { withToken } from './with-token.js'

/** `POST /wxa/business/getuserphonenumber`: trades the code of the phone button (facts 3.1). */
export const phoneNumber = withToken(paths.phoneNumber, 'POST', call => {
  const { world, appid, fields, beyondQuota, refuse } = call
  const code = textOf(fields.code)
  const state = world.phoneCodes.look(code)
  if (state.kind === 'used') return refuse(40029, 'the phone code was traded before')
  if (state.kind === 'expired') return refuse(40029, 'the phone code is older than 5 minutes, counted from the tap')
  if (state.kind === 'unknown') return refuse(40029, 'no such phone code')
  const { userId, appid: mintedFor, phone } = state.minted
  if (mintedFor !== appid) return refuse(40013, 'the code is of another app than the access token')
  const openid = fields.openid === undefined ? undefined : textOf(fields.openid)
  if (openid !== undefined && openid !== world.users.openidOf(world.users.get(userId), appid)) {
    return refuse(world.settings.get().openidMismatchErrcode, 'the openid is not of the user who tapped')
  }
  if (beyondQuota) return beyondQuota
  world.phoneCodes.spend(code)
  return succeed(
    { errcode: 0, errmsg: 'ok', phone_info: toPhoneInfo(phone, appid, state.mintedAt) },
    openid === undefined ? 'traded; nobody asked whose it is' : 'traded; it belongs to this openid',
  )
})
