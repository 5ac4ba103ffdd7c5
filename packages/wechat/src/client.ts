import { createAccessToken, withAccessToken } from './access-token.js'
import { assertText } from './assert-text.js'
import { createCall } from './call.js'
import { decryptPhoneNumber, type EncryptedInput } from './decrypt.js'
import { unreadable } from './judge.js'
import { type LoginSession, parseLoginSession } from './login-session.js'
import { parseOptions, type WechatOptions } from './options.js'
import { paths } from './paths.js'
import { type PhoneNumber, parsePhoneNumber } from './phone-number.js'
import { createTransport } from './transport.js'

/**
 * A client of WeChat's server API for one mini program. It keeps connections and the access token: make one per app
 * and process, and `close` it at the end.
 *
 * @throws TypeError an option is wrong
 */
export function createWechat(options: WechatOptions) {
  const settings = parseOptions(options)
  const { appid, secret } = settings
  const transport = createTransport(settings)
  const call = createCall({ settings, transport })
  const accessToken = createAccessToken({ settings, call })

  /**
   * Trades the code from `wx.login` for the user's identity.
   *
   * @param code one-time login code: 32 characters, valid for 5 minutes, usable once
   * @param options.signal the limit of the whole login, besides the time limit of each call
   * @returns openid, unionid when the app is bound to an Open Platform account, and the session key (never leaves the server)
   * @throws WechatError `CODE_INVALID` unknown, expired or another app's code · `CODE_USED` second use · `USER_BLOCKED`
   *   WeChat found a risk · `RATE_LIMITED` · `BUSY` · `UNREACHABLE` no answer in time · `UNREADABLE` · `APPID_INVALID`,
   *   `SECRET_INVALID` and others of the configuration
   * @throws TypeError an empty code
   * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
   */
  async function exchangeCode(
    code: string,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<LoginSession> {
    assertText('code', code)
    const query = { appid, secret, js_code: code, grant_type: 'authorization_code' }
    return call(
      { method: 'GET', path: paths.exchangeCode, query, secrets: [secret, code] },
      { parse: parseLoginSession, isRepeatable: false, signal },
    )
  }

  /**
   * Trades the code of the phone button for the phone number.
   *
   * @param code one-time phone code: 64 characters, valid for 5 minutes from the tap, usable once, paid for when tapped
   * @param options.openid whose code it must be: WeChat refuses another user's (unless `checkPhoneOwner` is off)
   * @param options.signal the limit of the whole login, besides the time limit of each call
   * @throws WechatError `CODE_INVALID` unknown, used or expired · `PHONE_APP_MISMATCH` another app's · `OPENID_MISMATCH`
   *   another user's · `TOKEN_REJECTED` two access tokens in a row · otherwise as `exchangeCode`
   * @throws TypeError an empty code or openid
   * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/phone-number/getPhoneNumber.html
   */
  async function getPhoneNumber(
    code: string,
    { openid, signal }: { openid?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<PhoneNumber> {
    assertText('code', code)
    if (openid !== undefined) assertText('openid', openid)
    const path = paths.getPhoneNumber
    const json = { code, ...(openid !== undefined && settings.checkPhoneOwner && { openid }) }
    const parse = ({ phone_info: info }: Readonly<Record<string, unknown>>) => {
      const phone = parsePhoneNumber(info)
      if (!phone) throw unreadable(path, 'the answer has no phone number')
      return phone
    }
    return withAccessToken(
      accessToken,
      token => {
        const secrets = [secret, token, code, openid ?? '']
        return call(
          { method: 'POST', path, query: { access_token: token }, json, secrets },
          { parse, isRepeatable: false, signal },
        )
      },
      signal,
    )
  }

  return {
    appid,
    exchangeCode,
    getPhoneNumber,
    /**
     * Decrypts the phone number of the legacy phone button, and checks that it was made for this app.
     *
     * @throws WechatError `DECRYPTION_FAILED` another session key, changed or malformed data · `WATERMARK_MISMATCH`
     * @throws TypeError an empty field
     */
    decryptPhoneNumber: (input: EncryptedInput): PhoneNumber => decryptPhoneNumber({ ...input, appid }),
    accessToken,
    /** Waits for running calls and closes the connections. */
    close: (): Promise<void> => transport.close(),
  }
}

export type Wechat = ReturnType<typeof createWechat>
