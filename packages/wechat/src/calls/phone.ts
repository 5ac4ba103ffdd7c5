import { assertText } from '../assert-text.js'
import { decryptPhoneNumber as decrypt, type EncryptedInput } from '../decrypt.js'
import { unreadable } from '../judge.js'
import { paths } from '../paths.js'
import { type PhoneNumber, parsePhoneNumber } from '../phone-number.js'
import type { AskOptions, CallDeps } from './ask.js'

/** The code, or the encrypted data, of the phone button. */
export function createPhoneCalls({ settings, ask }: Pick<CallDeps, 'settings' | 'ask'>) {
  return {
    /**
     * Trades the code of the phone button for the phone number. The quick button (`getPhoneNumber`, 0.03 yuan) and the
     * real-time one (`getRealtimePhoneNumber`, 0.04 yuan, verified at each tap) give codes of one kind for this one call.
     *
     * @param code one-time phone code: 64 characters, valid for 5 minutes from the tap, usable once, paid for when tapped
     * @param options.openid whose code it must be: WeChat refuses another user's (unless `checkPhoneOwner` is off)
     * @param options.timeoutMs, options.signal the limit of the whole call, besides the time limit of each request
     * @throws WechatError `CODE_INVALID` unknown, used or expired · `PHONE_APP_MISMATCH` another app's · `OPENID_MISMATCH`
     *   another user's · `TOKEN_REJECTED` two access tokens in a row · otherwise as `exchangeCode`
     * @throws TypeError an empty code or openid
     * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/phone-number/getPhoneNumber.html
     */
    async getPhoneNumber(
      code: string,
      { openid, ...limit }: AskOptions & { openid?: string | undefined } = {},
    ): Promise<PhoneNumber> {
      assertText('code', code)
      if (openid !== undefined) assertText('openid', openid)
      const path = paths.getPhoneNumber
      const json = { code, ...(openid !== undefined && settings.checkPhoneOwner && { openid }) }
      return ask(
        { method: 'POST', path, json, secrets: [code, openid ?? ''] },
        {
          ...limit,
          parse: ({ phone_info: info }) => {
            const phone = parsePhoneNumber(info)
            if (!phone) throw unreadable(path, 'the answer has no phone number')
            return phone
          },
          isRepeatable: false,
        },
      )
    },

    /**
     * Decrypts the phone number of the legacy phone button, and checks that it was made for this app.
     *
     * @throws WechatError `DECRYPTION_FAILED` another session key, changed or malformed data · `WATERMARK_MISMATCH`
     * @throws TypeError an empty field
     */
    decryptPhoneNumber(input: EncryptedInput): PhoneNumber {
      return decrypt({ ...input, appid: settings.appid })
    },
  }
}

export type PhoneCalls = ReturnType<typeof createPhoneCalls>
