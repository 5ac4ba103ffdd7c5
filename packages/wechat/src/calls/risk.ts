import { isIP } from 'node:net'
import { assertText } from '../assert-text.js'
import { unreadable } from '../judge.js'
import { paths } from '../paths.js'
import { readNumber } from '../read-fields.js'
import type { AskOptions, CallDeps } from './ask.js'

/** Who does what from where. */
export interface RiskInput {
  openid: string
  /** What the user is about to do: register, or take part in a promotion. */
  scene: 'registration' | 'marketing'
  /** The user's address, IPv4 or IPv6. */
  clientIp: string
  phone?: string | undefined
  email?: string | undefined
  /** Anything more that WeChat may weigh. */
  extendedInfo?: string | undefined
  /** A test call, from the quota of tests. Default false. */
  isTest?: boolean | undefined
}

/** WeChat's opinion of a user: 0 is no risk, 4 the highest. */
export interface RiskRank {
  riskRank: 0 | 1 | 2 | 3 | 4
  /** WeChat's number of this question (its `unoin_id`), for its support. */
  requestId?: string
}

const scenes = { registration: 0, marketing: 1 } as const

/** WeChat's opinion of users. */
export function createRiskCalls({ settings: { appid }, ask }: Pick<CallDeps, 'settings' | 'ask'>) {
  return {
    /**
     * How risky WeChat finds a user who visited the mini program in the last two hours. No consent is needed.
     *
     * @throws WechatError `USER_INACTIVE` no visit lately · `OPENID_INVALID` · `API_UNAUTHORIZED` not granted ·
     *   `TEST_QUOTA_EXHAUSTED` · `QUOTA_EXCEEDED` · `REQUEST_INVALID` · `TOKEN_REJECTED` · `BUSY` · `UNREACHABLE` ·
     *   `UNREADABLE` · in security mode `UNVERIFIED`
     * @throws TypeError a wrong field
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/sec-center/safety-control-capability/api_getuserriskrank.html
     */
    async getUserRiskRank(input: RiskInput, limit: AskOptions = {}): Promise<RiskRank> {
      const { openid, clientIp, phone, email, extendedInfo, isTest } = input
      assertText('openid', openid)
      const scene = Object.hasOwn(scenes, input.scene) ? scenes[input.scene] : undefined
      if (scene === undefined) throw new TypeError("scene: expected 'registration' or 'marketing'")
      if (typeof clientIp !== 'string' || isIP(clientIp) === 0) throw new TypeError('clientIp: expected an IP address')
      for (const [name, value] of Object.entries({ phone, email, extendedInfo })) {
        if (value !== undefined) assertText(name, value)
      }
      const json = {
        appid,
        openid,
        scene,
        client_ip: clientIp,
        ...(phone !== undefined && { mobile_no: phone }),
        ...(email !== undefined && { email_address: email }),
        ...(extendedInfo !== undefined && { extended_info: extendedInfo }),
        ...(isTest && { is_test: true }),
      }
      const path = paths.getUserRiskRank
      const secrets = [openid, clientIp, phone, email, extendedInfo].filter(value => value !== undefined)
      return ask(
        { method: 'POST', path, json, secrets },
        {
          ...limit,
          parse: fields => {
            const riskRank = readNumber(path, fields, 'risk_rank')
            if (!isRiskRank(riskRank)) throw unreadable(path, 'risk_rank is not a whole number from 0 to 4')
            const { unoin_id: requestId } = fields
            return { riskRank, ...(requestId !== undefined && { requestId: String(requestId) }) }
          },
          isRepeatable: true,
        },
      )
    },
  }
}

export type RiskCalls = ReturnType<typeof createRiskCalls>

function isRiskRank(value: number): value is RiskRank['riskRank'] {
  return Number.isInteger(value) && value >= 0 && value <= 4
}
