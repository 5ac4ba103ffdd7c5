/** What WeChat keeps secret or does not document, and a test may choose. */
export interface EmulatorSettings {
  /** wx.login makes a new session_key when the present one is at least so old. Default 3600; WeChat's own number is secret. */
  readonly sessionKeyRotateSeconds: number
  /** How likely it does so then, from 0 to 1. Default 1. */
  readonly sessionKeyRotateChance: number
  /** Each wx.login makes a new session_key: shows code that decrypts with an old one. Default false. */
  readonly sessionKeyRotateAlways: boolean
  /** A session_key that nobody used for so long is dead. Default 259200 (3 days); WeChat's own number is secret. */
  readonly sessionKeyTtlSeconds: number
  /** What an openid that is not the phone code's owner is answered with. Default 40003; WeChat does not document it. */
  readonly openidMismatchErrcode: number
  /** How far the timestamp of a signed request may be from the emulated clock (40240). Default 300. */
  readonly signedRequestSeconds: number
}

export const defaultSettings: EmulatorSettings = {
  sessionKeyRotateSeconds: 3600,
  sessionKeyRotateChance: 1,
  sessionKeyRotateAlways: false,
  sessionKeyTtlSeconds: 3 * 24 * 3600,
  openidMismatchErrcode: 40003,
  signedRequestSeconds: 300,
}

/** The settings as they are now; a reset brings back those of the start. */
export function createSettings(given: Partial<EmulatorSettings>) {
  const initial: EmulatorSettings = { ...defaultSettings, ...given }
  let current = initial
  return {
    get: () => current,
    change(changed: Partial<EmulatorSettings>): EmulatorSettings {
      current = { ...current, ...changed }
      return current
    },
    clear(): void {
      current = initial
    },
  }
}

export type Settings = ReturnType<typeof createSettings>
