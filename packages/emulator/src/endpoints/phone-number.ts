import { toPhoneInfo } from '../world/phone.js'
import { succeed } from './answer.js'
import { type Endpoint, textOf } from './endpoint.js'
import { withToken } from './with-token.js'

/**
 * `POST /wxa/business/getuserphonenumber`: trades the code of the phone button (facts 3.1).
 *
 * @param options.openidMismatchErrcode what it answers to an openid that is not the code's; WeChat does not document it
 */
export function createPhoneNumber({ openidMismatchErrcode }: { openidMismatchErrcode: number }): Endpoint {
  return withToken('/wxa/business/getuserphonenumber', 'POST', ({ world, appid, fields, refuse }) => {
    const code = textOf(fields.code)
    const state = world.phoneCodes.look(code)
    if (state.kind === 'used') return refuse(40029, 'the phone code was traded before')
    if (state.kind === 'unknown') return refuse(40029, 'no such phone code, or it is older than 5 minutes')
    if (state.minted.appid !== appid) return refuse(40013, 'the code is of another app than the access token')
    const person = world.users.get(state.minted.userId)
    const openid = fields.openid === undefined ? undefined : textOf(fields.openid)
    if (openid !== undefined && openid !== world.users.openidOf(person, appid)) {
      return refuse(openidMismatchErrcode, 'the openid is not of the user who tapped')
    }
    if (!person.phone) return refuse(40029, 'the user has no phone')
    world.phoneCodes.spend(code)
    const phone_info = toPhoneInfo(person.phone, appid, state.mintedAt)
    return succeed(
      { errcode: 0, errmsg: 'ok', phone_info },
      openid === undefined ? 'traded; nobody asked whose it is' : 'traded; it belongs to this openid',
    )
  })
}
