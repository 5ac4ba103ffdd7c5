import { createHmac } from 'node:crypto'
import { assertText } from '../assert-text.js'
import { isWechatError } from '../errors.js'
import { unreadable } from '../judge.js'
import { paths } from '../paths.js'
import { readText } from '../read-fields.js'
import type { AskOptions, CallDeps } from './ask.js'

/** Whose session key, and which one. */
export interface SessionKeyInput {
  openid: string
  /** As `exchangeCode` gave it: 16 bytes in base64. It is proven, not sent. */
  sessionKey: string
}

/** The session key that a server keeps. */
export function createSessionKeyCalls({ ask }: Pick<CallDeps, 'ask'>) {
  return {
    /**
     * Whether a session key is still the user's valid one. A user has one at a time, and any later `wx.login` may replace it.
     *
     * @returns false when the key expired or was replaced
     * @throws WechatError `OPENID_INVALID` · `TOKEN_REJECTED` · `RATE_LIMITED` · `BUSY` · `UNREACHABLE` · `UNREADABLE`
     * @throws TypeError an empty field
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_checksessionkey.html
     */
    async checkSessionKey(input: SessionKeyInput, limit: AskOptions = {}): Promise<boolean> {
      const request = signedRequest(paths.checkSessionKey, input)
      try {
        return await ask(request, { ...limit, parse: () => true, isRepeatable: true })
      } catch (error) {
        if (isWechatError(error) && error.code === 'SESSION_KEY_INVALID') return false
        throw error
      }
    },

    /**
     * Replaces a user's session key; the old one is void at once, and the new one expires when the old one would have.
     * Not to be called often for one user. It is sent once: when the answer is lost, so is the key.
     *
     * @returns the new session key
     * @throws WechatError `SESSION_KEY_INVALID` expired or replaced before · `RATE_LIMITED` 60 000 a minute and appid ·
     *   `REQUEST_INVALID` · `TOKEN_REJECTED` · `BUSY` · `UNREACHABLE` · `UNREADABLE`
     * @throws TypeError an empty field
     * @see https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_resetusersessionkey.html
     */
    async resetUserSessionKey(
      input: SessionKeyInput,
      limit: AskOptions = {},
    ): Promise<{ openid: string; sessionKey: string }> {
      const path = paths.resetUserSessionKey
      return ask(signedRequest(path, input), {
        ...limit,
        parse: fields => {
          if (readText(path, fields, 'openid') !== input.openid)
            throw unreadable(path, 'the answer is of another openid')
          return { openid: input.openid, sessionKey: readText(path, fields, 'session_key') }
        },
        isRepeatable: false,
      })
    },
  }
}

export type SessionKeyCalls = ReturnType<typeof createSessionKeyCalls>

function signedRequest(path: string, { openid, sessionKey }: SessionKeyInput) {
  assertText('openid', openid)
  assertText('sessionKey', sessionKey)
  const signature = signSessionKey(sessionKey)
  const query = { openid, signature, sig_method: 'hmac_sha256' }
  return { method: 'GET', path, query, secrets: [openid, sessionKey, signature] } as const
}

/** WeChat's proof of a session key: HMAC-SHA256 of nothing under the key's base64 text, not its bytes. */
export function signSessionKey(sessionKey: string): string {
  return createHmac('sha256', sessionKey).update('').digest('hex')
}
