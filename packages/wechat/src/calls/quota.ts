import { isFields, unreadable } from '../judge.js'
import { paths } from '../paths.js'
import { readNumber } from '../read-fields.js'
import type { AskOptions, CallDeps } from './ask.js'

/** How often an endpoint may be called. */
export interface Quota {
  /** Calls a day. */
  dailyLimit: number
  used: number
  remaining: number
  /** The limit within a shorter period, where the endpoint has one. */
  rateLimit?: { calls: number; periodSeconds: number }
}

/** How much may be called. */
export function createQuotaCalls({ settings: { appid, secret }, call, ask }: CallDeps) {
  return {
    /**
     * How much of the day's quota of an endpoint is left. The count may be off by a per cent.
     *
     * @param cgiPath the endpoint: `/wxa/getuserriskrank`, without a host; none below `/sns`
     * @throws WechatError `PATH_INVALID` no such endpoint · `LOOKUP_UNSUPPORTED` `/sns`, or of another kind of account ·
     *   `TOKEN_REJECTED` · `BUSY` · `UNREACHABLE` · `UNREADABLE` · in security mode `UNVERIFIED`
     * @throws TypeError a path without a leading slash
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_getapiquota.html
     */
    async getQuota(cgiPath: string, limit: AskOptions = {}): Promise<Quota> {
      if (typeof cgiPath !== 'string' || !cgiPath.startsWith('/'))
        throw new TypeError('cgiPath: expected a path that starts with a slash')
      const path = paths.getQuota
      return ask(
        { method: 'POST', path, json: { cgi_path: cgiPath }, secrets: [] },
        {
          ...limit,
          parse: ({ quota, rate_limit: rateLimit }) => {
            if (!isFields(quota)) throw unreadable(path, 'the answer has no quota')
            return {
              dailyLimit: readNumber(path, quota, 'daily_limit'),
              used: readNumber(path, quota, 'used'),
              remaining: readNumber(path, quota, 'remain'),
              ...(isFields(rateLimit) && {
                rateLimit: {
                  calls: readNumber(path, rateLimit, 'call_count'),
                  periodSeconds: readNumber(path, rateLimit, 'refresh_second'),
                },
              }),
            }
          },
          isRepeatable: true,
        },
      )
    },

    /**
     * Sets the day's counts of all endpoints of this app back to zero. 10 times a month, those by hand and those of
     * `clearQuotaBySecret` included; it is sent once.
     *
     * @throws WechatError `CLEAR_QUOTA_EXHAUSTED` · `APPID_INVALID` · `TOKEN_REJECTED` · `BUSY` · `UNREACHABLE`
     * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/openApi-mgnt/clearQuota.html
     */
    async clearQuota(limit: AskOptions = {}): Promise<void> {
      const request = { method: 'POST', path: paths.clearQuota, json: { appid }, secrets: [] } as const
      return ask(request, { ...limit, parse: () => call.clearQuotas(), isRepeatable: false })
    },

    /**
     * As `clearQuota`, by AppSecret instead of an access token: for when the quota of fetching tokens is used up.
     *
     * @throws WechatError `CLEAR_QUOTA_EXHAUSTED` · `APPID_INVALID` · `SECRET_INVALID` · `BUSY` · `UNREACHABLE`
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_clearquotabyappsecret.html
     */
    async clearQuotaBySecret(limit: AskOptions = {}): Promise<void> {
      const credentials = { appid, appsecret: secret }
      // WeChat's page puts them in the body in its table and in the query in its sample: both are sent.
      return call(
        {
          method: 'POST',
          path: paths.clearQuotaBySecret,
          query: credentials,
          json: credentials,
          secrets: [secret],
        },
        { ...limit, parse: () => call.clearQuotas(), isRepeatable: false },
      )
    },
  }
}

export type QuotaCalls = ReturnType<typeof createQuotaCalls>
