import { createAccessToken } from './access-token.js'
import { createCall } from './call.js'
import { createAsk } from './calls/ask.js'
import { createEncryptedDataCalls } from './calls/encrypted-data.js'
import { createLoginCalls } from './calls/login.js'
import { createPhoneCalls } from './calls/phone.js'
import { createQuotaCalls } from './calls/quota.js'
import { createRidCalls } from './calls/rid.js'
import { createRiskCalls } from './calls/risk.js'
import { createSessionKeyCalls } from './calls/session-key.js'
import { createUnionidCalls } from './calls/unionid.js'
import { parseOptions, type WechatOptions } from './options.js'
import { createSecureTransport } from './security/secure-transport.js'
import { createTransport } from './transport.js'

/**
 * A client of WeChat's server API for one mini program. It keeps connections and the access token: make one per app
 * and process, and `close` it at the end.
 *
 * @throws TypeError an option is wrong
 */
export function createWechat(options: WechatOptions) {
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
    /** Waits for running calls and closes the connections. */
    close: (): Promise<void> => transport.close(),
  }
}

export type Wechat = ReturnType<typeof createWechat>
