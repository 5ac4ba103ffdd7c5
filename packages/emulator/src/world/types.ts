/** The time now; injected so that tests can move it. */
export type Clock = () => Date

/** Random bytes; injected so that a run can be repeated. */
export type RandomBytes = (count: number) => Buffer

/** A mini program as WeChat's console knows it. */
export interface EmulatedApp {
  readonly appid: string
  readonly secret: string
  /** For people's eyes. */
  readonly name?: string
  /** The Open Platform account it is bound to; only then is there a unionid. */
  readonly openPlatform?: string
  /** Of a person, not a company: it may not ask for phone numbers. */
  readonly personal?: boolean
  /** Taps of the phone button before WeChat answers errno 1400001. Default 1000, the free ones. */
  readonly phoneQuota?: number
}

/** A virtual WeChat account. */
export interface User {
  readonly id: string
  readonly name: string | null
  /** E.164. */
  readonly phone: string | null
  /** In the app it was asked for, else the first one. */
  readonly openid: string
  /** For that app, when it has an Open Platform account. */
  readonly unionid: string | null
  readonly openids: Readonly<Record<string, string>>
}

/** What a new user is made of; the rest is made up. */
export interface UserInput {
  /** Fixed ids keep their openids over restarts. */
  readonly id?: string
  readonly name?: string
  readonly appid?: string
  /** `13800000000` (of mainland China), `+14155550100`, or `4155550100` with a `countryCode`. */
  readonly phone?: string
  /** Country calling code of `phone`, such as 1; told from the number when left out. */
  readonly countryCode?: string
  readonly openid?: string
  readonly unionid?: string
}

/** What the phone button hands to the mini program. */
export interface PhoneTap {
  readonly code: string
  readonly encryptedData: string
  readonly iv: string
}
