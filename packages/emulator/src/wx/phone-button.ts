import type { Privacy, PrivacyAnswer } from './privacy.js'
import { failure, toFailure } from './settle.js'
import type { WechatSide } from './wechat-side.js'

/** A tap on the phone button, and what the user does then. */
export interface PhoneButtonTap {
  /** `getRealtimePhoneNumber` instead of `getPhoneNumber`. */
  readonly realtime?: boolean
  /** Default true. */
  readonly allow?: boolean
  /** Which of the user's numbers; default the current one. */
  readonly phone?: string
  /** The button is `getPhoneNumber|agreePrivacyAuthorization`, and this is the answer to its privacy part. */
  readonly combined?: PrivacyAnswer
}

/** `event.detail`: with a code, or with the reason in `errMsg` and `errno`. */
export interface PhoneButtonDetail {
  readonly errMsg: string
  readonly errno?: number
  readonly code?: string
  /** Of the quick button only. */
  readonly encryptedData?: string
  readonly iv?: string
}

/** What the handler of the button gets. */
export interface PhoneButtonEvent {
  readonly type: 'getphonenumber' | 'getrealtimephonenumber'
  readonly detail: PhoneButtonDetail
}

/** The phone button with every end it can have (facts 5.2). */
export function createPhoneButton(deps: {
  side: WechatSide
  userId: string
  appid: string
  privacy: Privacy
  isOffline: () => boolean
}) {
  const { side, userId, appid, privacy, isOffline } = deps

  return {
    /** Not WeChat's: taps the button. Resolves to the event that its handler gets, whatever came of it. */
    async tapPhoneButton(tap: PhoneButtonTap = {}): Promise<PhoneButtonEvent> {
      const { realtime = false, allow = true, phone, combined } = tap
      const api = realtime ? 'getRealtimePhoneNumber' : 'getPhoneNumber'
      const type = realtime ? 'getrealtimephonenumber' : 'getphonenumber'
      const input = { appid, allow, ...(phone !== undefined && { phone }) }
      try {
        if (combined === undefined) await privacy.ask(api, `button.${api}`)
        else privacy.askCombined(api, combined)
        if (isOffline()) throw failure(api, 'network error') // our text
        const got = await (realtime ? side.realtimePhoneCode(userId, input) : side.phoneCode(userId, input))
        return { type, detail: { ...got, errMsg: `${api}:ok` } }
      } catch (error) {
        return { type, detail: toFailure(api, error) }
      }
    },
  }
}
