/** The time now; injected so that tests can move it. */
export type Clock = () => Date

/** Random bytes; injected so that a run can be repeated. */
export type RandomBytes = (count: number) => Buffer

/** A mini program as WeChat's console knows it. */
export interface EmulatedApp {
  readonly appid: string
  readonly secret: string
  /** For people's eyes. */
  readonly name?: string | undefined
  /** The Open Platform account it is bound to; only then is there a unionid. */
  readonly openPlatform?: string | undefined
  /** Of a person, not a company: it may not ask for phone numbers. */
  readonly personal?: boolean | undefined
  /** Default true. An account that is not verified may not ask for phone numbers either. */
  readonly verified?: boolean | undefined
  /** Taps of the phone button before WeChat answers errno 1400001. Default 1000, the free ones. */
  readonly phoneQuota?: number | undefined
  /** Default true. False: the privacy guide does not name the phone number, the button gets errno 112. */
  readonly phoneDeclared?: boolean | undefined
  /** The ability was recalled: the button gets errno 1025. */
  readonly phoneBanned?: boolean | undefined
  /** wx.login is blocked for this app: errno 1402101. */
  readonly loginBlocked?: boolean | undefined
  /** Addresses that may use its secret; others get 40164. Default: all. */
  readonly allowedIps?: readonly string[] | undefined
  /** The API security mode, where it is switched on. */
  readonly security?: AppSecurity | undefined
  /** Where WeChat sends its events. */
  readonly push?: AppPush | undefined
}

/** The API security mode of an app (facts 4.2): AES256_GCM and RSAwithSHA256. */
export interface AppSecurity {
  /** 32 bytes in base64. */
  readonly symmetricKey?: string | undefined
  /** The number that the console gives it. */
  readonly symmetricSn?: string | undefined
  /** PEM of the public key that the app's requests are verified with. */
  readonly publicKey?: string | undefined
  /** Endpoints that refuse calls in the clear. Default none: a call that is signed is treated so, others as ever. */
  readonly required?: readonly string[] | undefined
}

/** The message push of an app, as it is set in the console. */
export interface AppPush {
  readonly url: string
  readonly token: string
  /** 43 characters; for `safe` and `compatible`. */
  readonly encodingAESKey?: string | undefined
  /** Default `plain`. `compatible` sends both texts. */
  readonly mode?: 'plain' | 'compatible' | 'safe' | undefined
  /** Default `json`. */
  readonly format?: 'json' | 'xml' | undefined
}

/** A virtual WeChat account. */
export interface User {
  readonly id: string
  readonly name: string | null
  /** The number that the phone button gives; E.164. */
  readonly phone: string | null
  /** All its numbers. */
  readonly phones: readonly string[]
  /** High risk: its logins are answered with 40226. */
  readonly blocked: boolean
  /** What getuserriskrank tells of it: 0 (none) to 4. */
  readonly riskRank: number
  /** In the app it was asked for, else the first one. */
  readonly openid: string
  /** For that app, when it has an Open Platform account. */
  readonly unionid: string | null
  readonly openids: Readonly<Record<string, string>>
}

/** What a new user is made of; the rest is made up. */
export interface UserInput extends UserChange {
  /** Fixed ids keep their openids over restarts. */
  readonly id?: string | undefined
  readonly appid?: string | undefined
  readonly openid?: string | undefined
  readonly unionid?: string | undefined
}

/** What may change of a user. */
export interface UserChange {
  readonly name?: string | undefined
  /**
   * The number that the button gives from now on: `13800000000` (of mainland China), `+14155550100`, or `4155550100` with a
   * `countryCode`. Null: none any more.
   */
  readonly phone?: string | null | undefined
  /** Country calling code of `phone`, such as 1; told from the number when left out. */
  readonly countryCode?: string | undefined
  /** All numbers, when there are several; without `phone` the button gives the first. */
  readonly phones?: readonly string[] | undefined
  readonly blocked?: boolean | undefined
  readonly riskRank?: number | undefined
  /** The button fails: the bound number has to be verified by SMS first. */
  readonly needsSms?: boolean | undefined
  /** The button is blocked for this user: errno 1421102. */
  readonly phoneBlocked?: boolean | undefined
}

/** A tap on the phone button. */
export interface PhoneTapInput {
  readonly appid?: string | undefined
  /** Which of the user's numbers; default the current one. */
  readonly phone?: string | undefined
  /** Default true. False: the user refuses, which costs nothing. */
  readonly allow?: boolean | undefined
}

/** What the phone button hands to the mini program. */
export interface PhoneTap {
  readonly code: string
  readonly encryptedData: string
  readonly iv: string
}
