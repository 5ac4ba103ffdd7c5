import { createCipheriv } from 'node:crypto'
import { EmulatorError } from '../emulator-error.js'
import { createApps } from './apps.js'
import { createBilling } from './billing.js'
import { createLoginCodes, createPhoneCodes } from './codes.js'
import { toPhoneInfo } from './phone.js'
import { createTokens } from './tokens.js'
import type { Clock, EmulatedApp, PhoneTap, RandomBytes } from './types.js'
import { createUsers } from './users.js'

const lastMs = Date.UTC(2101, 0)

/** Everything this WeChat knows, without HTTP. */
export function createWorld(options: { apps: readonly EmulatedApp[]; clock: Clock; random: RandomBytes }) {
  const { clock, random } = options
  let offsetMs = 0
  const now: Clock = () => new Date(clock().getTime() + offsetMs)
  const apps = createApps(options.apps)
  const users = createUsers({ apps, random })
  const loginCodes = createLoginCodes({ clock: now, random })
  const phoneCodes = createPhoneCodes({ clock: now, random })
  const tokens = createTokens({ clock: now, random })
  const billing = createBilling()
  const sessionKeys = new Map<string, string>()

  /** A user's session key in an app: 16 bytes in base64, one at a time. */
  function sessionKeyOf(userId: string, appid: string): string {
    const key = sessionKeys.get(`${userId} ${appid}`) ?? random(16).toString('base64')
    sessionKeys.set(`${userId} ${appid}`, key)
    return key
  }

  return {
    now,
    random,
    apps,
    users,
    loginCodes,
    phoneCodes,
    tokens,
    billing,
    sessionKeyOf,

    /** What wx.login does. */
    login(userId: string, appid?: string): { code: string } {
      users.get(userId)
      return { code: loginCodes.issue({ userId, appid: apps.get(appid).appid }) }
    },

    /**
     * What a tap on the phone button does when the user allows it; billed at once.
     *
     * @throws EmulatorError PHONE_REFUSED with what the button gets (facts 5.2)
     */
    tapPhone(userId: string, appid?: string): PhoneTap {
      const { phone } = users.get(userId)
      const app = apps.get(appid)
      if (app.personal) throw refused('the app is of a person', 'getPhoneNumber:fail no permission')
      if (!billing.hasQuota(app)) throw refused('the quota is used up', 'getPhoneNumber:fail quota exceeded', 1400001)
      // What WeChat says to an account without a phone is not documented; a refusal without a code is our choice.
      if (!phone) throw refused('the user has no phone', 'getPhoneNumber:fail no phone number bound')
      billing.bill(app.appid)
      const iv = random(16)
      const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKeyOf(userId, app.appid), 'base64'), iv)
      const plain = JSON.stringify(toPhoneInfo(phone, app.appid, now()))
      const encryptedData = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64')
      return { code: phoneCodes.issue({ userId, appid: app.appid }), encryptedData, iv: iv.toString('base64') }
    },

    /**
     * Moves the clock; codes and tokens age with it.
     *
     * @throws EmulatorError BAD_REQUEST backwards, or past the year 2100 (the seconds of a rid are 8 hex digits, which end in 2106)
     */
    advance(seconds: number): Date {
      const moved = now().getTime() + seconds * 1000
      if (!(seconds >= 0 && moved < lastMs))
        throw new EmulatorError('BAD_REQUEST', 'advanceSeconds: expected 0 or more, up to the year 2100')
      offsetMs += seconds * 1000
      return now()
    },

    /** Forgets everybody and everything; the configured apps stay. */
    reset(): void {
      apps.reset()
      for (const part of [users, loginCodes, phoneCodes, tokens, billing, sessionKeys]) part.clear()
      offsetMs = 0
    },
  }
}

export type World = ReturnType<typeof createWorld>

function refused(message: string, errMsg: string, errno?: number): EmulatorError {
  return new EmulatorError('PHONE_REFUSED', message, { errMsg, ...(errno !== undefined && { errno }) })
}
