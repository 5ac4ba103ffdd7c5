import { assertText } from '../assert-text.js'
import { type LoginSession, parseLoginSession } from '../login-session.js'
import { paths } from '../paths.js'
import type { AskOptions, CallDeps } from './ask.js'

/** The code of `wx.login`. */
export function createLoginCalls({ settings: { appid, secret }, call }: Pick<CallDeps, 'settings' | 'call'>) {
  return {
    /**
     * Trades the code from `wx.login` for the user's identity.
     *
     * @param code one-time login code: 32 characters, valid for 5 minutes, usable once
     * @param limit of the whole call, besides the time limit of each request
     * @returns openid, unionid when the app is bound to an Open Platform account, and the session key (never leaves the server)
     * @throws WechatError `CODE_INVALID` unknown, expired or another app's code · `CODE_USED` second use · `USER_BLOCKED`
     *   WeChat found a risk · `RATE_LIMITED` · `BUSY` · `UNREACHABLE` no answer in time · `UNREADABLE` · `APPID_INVALID`,
     *   `SECRET_INVALID` and others of the configuration
     * @throws TypeError an empty code
     * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
     */
    async exchangeCode(code: string, limit: AskOptions = {}): Promise<LoginSession> {
      assertText('code', code)
      const query = { appid, secret, js_code: code, grant_type: 'authorization_code' }
      return call(
        { method: 'GET', path: paths.exchangeCode, query, secrets: [secret, code] },
        { ...limit, parse: parseLoginSession, isRepeatable: false },
      )
    },
  }
}

export type LoginCalls = ReturnType<typeof createLoginCalls>
