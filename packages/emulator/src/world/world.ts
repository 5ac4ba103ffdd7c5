import { EmulatorError } from '../emulator-error.js'
import { createApps } from './apps.js'
import { createBilling } from './billing.js'
import { createLoginCodes, createPhoneCodes, createPluginCodes } from './codes.js'
import { createEncryptedData } from './encrypted-data.js'
import { createPayments, type Payment } from './payments.js'
import { createPlatformKeys } from './platform-keys.js'
import { createQuotas } from './quotas.js'
import { createRids } from './rids.js'
import { createSessionKeys } from './session-keys.js'
import { createSettings, type EmulatorSettings } from './settings.js'
import { tapQuick, tapRealtime } from './tap-phone.js'
import { createTokens } from './tokens.js'
import type { Clock, EmulatedApp, PhoneTapInput, RandomBytes } from './types.js'
import { createUsers } from './users.js'

const lastMs = Date.UTC(2101, 0)

/** How a world begins. */
export interface WorldOptions {
  readonly apps: readonly EmulatedApp[]
  readonly clock: Clock
  readonly random: RandomBytes
  readonly settings?: Partial<EmulatorSettings>
}

/** Everything this WeChat knows, without HTTP. */
export function createWorld({ apps: configured, clock: given, random, settings: initial = {} }: WorldOptions) {
  let offsetMs = 0
  const now: Clock = () => new Date(given().getTime() + offsetMs)
  const deps = { clock: now, random }
  const settings = createSettings(initial)
  const apps = createApps(configured)
  const parts = {
    settings,
    users: createUsers({ apps, ...deps }),
    loginCodes: createLoginCodes(deps),
    phoneCodes: createPhoneCodes(deps),
    pluginCodes: createPluginCodes(deps),
    tokens: createTokens(deps),
    sessionKeys: createSessionKeys({ ...deps, settings }),
    encryptedData: createEncryptedData(deps),
    payments: createPayments(deps),
    quotas: createQuotas(deps),
    rids: createRids(deps),
    platformKeys: createPlatformKeys(deps),
    billing: createBilling(),
  }
  const { users, loginCodes, pluginCodes, sessionKeys, payments } = parts

  return {
    now,
    random,
    apps,
    ...parts,

    /**
     * What wx.login does: a code, and perhaps a new session_key.
     *
     * @throws EmulatorError LOGIN_REFUSED with the `errMsg` and `errno` of its fail callback
     */
    login(userId: string, appid?: string): { code: string } {
      const person = users.get(userId)
      const app = apps.get(appid)
      if (app.loginBlocked)
        throw new EmulatorError('LOGIN_REFUSED', 'wx.login is blocked for this app', {
          errMsg: 'login:fail', // our choice: the errno is documented, its text is not
          errno: 1402101,
        })
      users.visit(person, app.appid)
      sessionKeys.login(app.appid, users.openidOf(person, app.appid))
      return { code: loginCodes.issue({ userId, appid: app.appid }) }
    },

    /** What wx.checkSession does: whether the key that the last login left is alive (facts 1.3; confidence A). */
    checkSession(userId: string, appid?: string): { valid: boolean } {
      const person = users.get(userId)
      const app = apps.get(appid)
      return { valid: sessionKeys.find(app.appid, users.openidOf(person, app.appid)) !== undefined }
    },

    /** What wx.pluginLogin does. */
    pluginLogin(userId: string, appid?: string): { code: string } {
      users.get(userId)
      return { code: pluginCodes.issue({ userId, appid: apps.get(appid).appid }) }
    },

    /** A payment by this user, which tells the unionid for 5 minutes. */
    pay(userId: string, appid?: string, payment: Partial<Payment> = {}): Payment {
      users.get(userId)
      return payments.pay({ userId, appid: apps.get(appid).appid }, payment)
    },

    /**
     * What a tap on the phone button does when the user allows it; billed at once.
     *
     * @throws EmulatorError PHONE_REFUSED with what the button gets (facts 5.2)
     */
    tapPhone: (userId: string, input: PhoneTapInput = {}) => tapQuick({ apps, ...parts }, userId, input),
    /** The same of the real-time button. */
    tapRealtimePhone: (userId: string, input: PhoneTapInput = {}) => tapRealtime({ apps, ...parts }, userId, input),

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
      for (const part of Object.values(parts)) part.clear()
      offsetMs = 0
    },
  }
}

export type World = ReturnType<typeof createWorld>
