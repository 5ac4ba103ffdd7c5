import { succeed } from './answer.js'
import { paths } from './paths.js'
import { withToken } from './with-token.js'

/** `GET /wxa/getpaidunionid`: the unionid of who paid in the last 5 minutes (facts 4.1). */
export const paidUnionid = withToken(paths.paidUnionid, 'GET', call => {
  const { world, appid, query, beyondQuota, refuse } = call
  const { openid = '', transaction_id: transactionId = '', mch_id: mchId = '', out_trade_no: outTradeNo = '' } = query
  const person = world.users.findByOpenid(appid, openid)
  if (!person) return refuse(40003, 'nobody has this openid in this app')
  const unionid = world.users.unionidOf(person, world.apps.get(appid))
  if (unionid === undefined) return refuse(89002, 'the app has no Open Platform account')
  const payment = world.payments.find({ transactionId, mchId, outTradeNo })
  if (!payment || payment.appid !== appid || payment.userId !== person.id)
    return refuse(89300, 'no such payment of this user in the last 5 minutes')
  if (beyondQuota) return beyondQuota
  return succeed({ unionid, errcode: 0, errmsg: 'ok' }, 'paid in the last 5 minutes')
})
