import { type AccessToken, createAccessToken } from './access-token.js'
import { createCall } from './call.js'
import { createAsk } from './calls/ask.js'
import { createEncryptedDataCalls, type EncryptedDataCalls } from './calls/encrypted-data.js'
import { createLoginCalls, type LoginCalls } from './calls/login.js'
import { createPhoneCalls, type PhoneCalls } from './calls/phone.js'
import { createQuotaCalls, type QuotaCalls } from './calls/quota.js'
import { createRidCalls, type RidCalls } from './calls/rid.js'
import { createRiskCalls, type RiskCalls } from './calls/risk.js'
import { createSessionKeyCalls, type SessionKeyCalls } from './calls/session-key.js'
import { createUnionidCalls, type UnionidCalls } from './calls/unionid.js'
import { parseOptions, type WechatOptions } from './options.js'
import { createSecureTransport } from './security/secure-transport.js'
import { createTransport } from './transport.js'

/** What `createWechat` gives: every call, the access token, and the end. */
export interface Wechat
  extends LoginCalls,
    PhoneCalls,
    SessionKeyCalls,
    EncryptedDataCalls,
    UnionidCalls,
    RiskCalls,
    QuotaCalls,
    RidCalls {
  readonly appid: string
  /** The token to make calls with that this package does not have; renewed by itself. */
  readonly accessToken: AccessToken
  /** Waits for running calls and closes the connections. */
  close(): Promise<void>
}

/**
 * A client of WeChat's server API for one mini program. It keeps connections and the access token: make one per app
 * and process, and `close` it at the end.
 *
 * @throws TypeError an option is wrong
 */
export function createWechat(options: WechatOptions): Wechat {
  const settings = parseOptions(options)
  const transport = createSecureTransport({ settings, plain: createTransport(settings) })
  const call = createCall({ settings, transport })
  const accessToken = createAccessToken({ settings, call })
  const deps = { settings, call, ask: createAsk({ settings, call, accessToken }) }

  return {
    appid: settings.appid,
    ...createLoginCalls(deps),
    ...createPhoneCalls(deps),
    ...createSessionKeyCalls(deps),
    ...createEncryptedDataCalls(deps),
    ...createUnionidCalls(deps),
    ...createRiskCalls(deps),
    ...createQuotaCalls(deps),
    ...createRidCalls(deps),
    accessToken,
    close: () => transport.close(),
  }
}
