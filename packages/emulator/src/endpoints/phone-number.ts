import { fail, succeed } from '../answers.js'
import { toPhoneInfo } from '../world/phone.js'
import { type Endpoint, parseBody, textOf } from './endpoint.js'

/**
 * `POST /wxa/business/getuserphonenumber`: trades the code of the phone button (facts 3.1).
 *
 * @param options.openidMismatchErrcode what it answers to an openid that is not the code's; WeChat does not document it
 */
export function createPhoneNumber({ openidMismatchErrcode }: { openidMismatchErrcode: number }): Endpoint {
  return {
    path: '/wxa/business/getuserphonenumber',
    contentType: 'application/json',
    answer(world, { path, method, query, body }) {
      const refuse = (errcode: number, why: string) => fail(world, path, errcode, why)
      const { access_token: token = '' } = query
      if (token === '') return refuse(41001, 'no access_token in the query')
      const holder = world.tokens.look(token)
      if (holder.kind === 'expired') return refuse(42001, 'the access token has expired')
      if (holder.kind === 'unknown') return refuse(40001, 'the access token is unknown or superseded')
      if (method !== 'POST') return refuse(43002, 'POST only')
      const fields = parseBody(body)
      if (fields === 'empty') return refuse(44002, 'no body')
      if (fields === 'malformed') return refuse(47001, 'the body is not a JSON object')
      const code = textOf(fields.code)
      const state = world.phoneCodes.look(code)
      if (state.kind === 'used') return refuse(40029, 'the phone code was traded before')
      if (state.kind === 'unknown') return refuse(40029, 'no such phone code, or it is older than 5 minutes')
      if (state.minted.appid !== holder.appid) return refuse(40013, 'the code is of another app than the access token')
      const person = world.users.get(state.minted.userId)
      const openid = fields.openid === undefined ? undefined : textOf(fields.openid)
      if (openid !== undefined && openid !== world.users.openidOf(person, holder.appid)) {
        return refuse(openidMismatchErrcode, 'the openid is not of the user who tapped')
      }
      if (!person.phone) return refuse(40029, 'the user has no phone')
      world.phoneCodes.spend(code)
      const phone_info = toPhoneInfo(person.phone, holder.appid, state.mintedAt)
      return succeed(
        { errcode: 0, errmsg: 'ok', phone_info },
        openid === undefined ? 'traded; nobody asked whose it is' : 'traded; it belongs to this openid',
      )
    },
  }
}
