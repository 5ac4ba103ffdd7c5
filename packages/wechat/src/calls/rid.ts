import { assertText } from '../assert-text.js'
import { isFields, unreadable } from '../judge.js'
import { paths } from '../paths.js'
import { readNumber, readTime } from '../read-fields.js'
import type { AskOptions, CallDeps } from './ask.js'

/**
 * What WeChat kept of a call. Access tokens and the AppSecret are taken out of the texts; codes and personal data are
 * still in them: not for logs.
 */
export interface RidRecord {
  invokedAt: Date
  durationMs: number
  /** The query string of the call. */
  requestQuery: string
  requestBody: string
  responseBody: string
  /** The address WeChat saw the call come from, as far as it shows it. */
  clientIp?: string
}

/** What became of a call. */
export function createRidCalls({ settings: { secret }, ask }: Pick<CallDeps, 'settings' | 'ask'>) {
  function textOf(value: unknown): string {
    if (typeof value !== 'string') return ''
    return value.replaceAll(secret, '[redacted]').replace(accessTokens, '$1[redacted]')
  }

  return {
    /**
     * Looks up a call of this app in the last 7 days by the `rid` of its error.
     *
     * @param rid as in `WechatError.rid`: three groups of 8 hex digits
     * @throws WechatError `RID_INVALID` unknown, malformed, another account's or too old · `LOOKUP_UNSUPPORTED` of a call
     *   below `/sns` · `TOKEN_REJECTED` · `BUSY` · `UNREACHABLE` · `UNREADABLE` · in security mode `UNVERIFIED`
     * @throws TypeError an empty rid
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_getridinfo.html
     */
    async lookUpRid(rid: string, limit: AskOptions = {}): Promise<RidRecord> {
      assertText('rid', rid)
      const path = paths.lookUpRid
      return ask(
        { method: 'POST', path, json: { rid }, secrets: [] },
        {
          ...limit,
          parse: ({ request }) => {
            if (!isFields(request)) throw unreadable(path, 'the answer has no request')
            const { client_ip: clientIp } = request
            return {
              invokedAt: readTime(path, request, 'invoke_time'),
              durationMs: readNumber(path, request, 'cost_in_ms'),
              requestQuery: textOf(request.request_url),
              requestBody: textOf(request.request_body),
              responseBody: textOf(request.response_body),
              ...(typeof clientIp === 'string' && clientIp !== '' && { clientIp }),
            }
          },
          isRepeatable: true,
        },
      )
    },
  }
}

export type RidCalls = ReturnType<typeof createRidCalls>

/** In a query string, and in JSON. */
const accessTokens = /(\baccess_token(?:=|"\s*:\s*"))[^&"]*/g
