import { assertText } from '../assert-text.js'
import { paths } from '../paths.js'
import { readText } from '../read-fields.js'
import type { AskOptions, CallDeps } from './ask.js'

/** A payment of the user's, by WeChat Pay's number or by the merchant's. */
export type PaidOrder =
  | { transactionId: string; mchId?: undefined; outTradeNo?: undefined }
  | { mchId: string; outTradeNo: string; transactionId?: undefined }

/** Other ids of a user. */
export function createUnionidCalls({ ask }: Pick<CallDeps, 'ask'>) {
  return {
    /**
     * The unionid of a user who has paid, without their consent, within 5 minutes after the payment.
     *
     * @param input.transactionId WeChat Pay's number of the order; or `mchId` and `outTradeNo`, the merchant's
     * @throws WechatError `OPENID_INVALID` · `OPEN_PLATFORM_UNBOUND` · `ORDER_INVALID` not this user's, or too long ago ·
     *   `TOKEN_REJECTED` · `BUSY` · `UNREACHABLE` · `UNREADABLE`
     * @throws TypeError an empty field
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/user-info/basic-info/api_getpaidunionid.html
     */
    async getPaidUnionid(input: { openid: string } & PaidOrder, limit: AskOptions = {}): Promise<string> {
      assertText('openid', input.openid)
      const path = paths.getPaidUnionid
      const query = { openid: input.openid, ...orderQuery(input) }
      return ask(
        { method: 'GET', path, query, secrets: Object.values(query) },
        { ...limit, parse: fields => readText(path, fields, 'unionid'), isRepeatable: true },
      )
    },

    /**
     * Trades the code from `wx.pluginLogin` for the plugin's id of the user. The client must be made with the plugin's appid.
     *
     * @param code one-time code: 64 characters, valid for 5 minutes, usable once
     * @returns openpid: 28 characters usually, a length WeChat does not promise
     * @throws WechatError `CODE_INVALID` unknown, used or expired · `PLUGIN_MISMATCH` · `RATE_LIMITED` · `QUOTA_EXCEEDED` ·
     *   `TOKEN_REJECTED` · `BUSY` · `UNREACHABLE` · `UNREADABLE`
     * @throws TypeError an empty code
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/user-info/basic-info/api_getpluginopenpid.html
     */
    async getPluginOpenpid(code: string, limit: AskOptions = {}): Promise<string> {
      assertText('code', code)
      const path = paths.getPluginOpenpid
      return ask(
        { method: 'POST', path, json: { code }, secrets: [code] },
        { ...limit, parse: fields => readText(path, fields, 'openpid'), isRepeatable: false },
      )
    },
  }
}

export type UnionidCalls = ReturnType<typeof createUnionidCalls>

function orderQuery({ transactionId, mchId, outTradeNo }: PaidOrder): Record<string, string> {
  if (transactionId !== undefined) {
    assertText('transactionId', transactionId)
    return { transaction_id: transactionId }
  }
  assertText('mchId', mchId)
  assertText('outTradeNo', outTradeNo)
  return { mch_id: mchId, out_trade_no: outTradeNo }
}
