import { fail, succeed } from './answer.js'
import { type Endpoint, textOf } from './endpoint.js'
import { paths } from './paths.js'
import { withToken } from './with-token.js'

/** This endpoint has errcodes of its own for what others answer with 44002, 45011 and 47001 (facts 1.4; confidence A, which is which is ours). */
const ownErrcodes: Readonly<Record<number, number>> = { 44002: 1001, 45011: 1003, 47001: 1022 }

const trade = withToken(paths.pluginOpenpid, 'POST', call => {
  const { world, appid, fields, beyondQuota, refuse } = call
  const code = textOf(fields.code)
  if (code === '') return refuse(1001, 'no code')
  const state = world.pluginCodes.look(code)
  if (state.kind !== 'valid')
    return refuse(1007, 'no such code of wx.pluginLogin, or it is used, or older than 5 minutes')
  if (state.minted.appid !== appid) return refuse(1005, 'the code is of another app than the access token')
  if (beyondQuota) return beyondQuota
  world.pluginCodes.spend(code)
  const openpid = world.users.openpidOf(world.users.get(state.minted.userId), appid)
  return succeed({ errcode: 0, errmsg: 'ok', openpid }, 'traded')
})

/** `POST /wxa/getpluginopenpid`: trades the code of wx.pluginLogin (facts 1.4). */
export const pluginOpenpid: Endpoint = {
  ...trade,
  answer(world, request) {
    const answered = trade.answer(world, request)
    const own = ownErrcodes[answered.errcode]
    return own === undefined ? answered : fail(world, paths.pluginOpenpid, own, answered.why)
  },
}
