/** The person who is signed in. */
export interface User {
  /** UUIDv7; stays the same for the life of the account. */
  readonly id: string
  readonly nickname: string
  /** A URL, or a path below the base URL of the login server. */
  readonly avatar: string
  /** Masked, such as `138******00`; null without one. */
  readonly phone: string | null
  readonly phoneBound: boolean
  /** ISO 8601, UTC. */
  readonly createdAt: string
}

/** A device that the account is signed in on. */
export interface DeviceSession {
  readonly id: string
  /** Whether it is this one. */
  readonly current: boolean
  readonly appid: string
  readonly device: string | null
  /** Shortened to its network. */
  readonly address: string | null
  /** ISO 8601, UTC; as the two below. */
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly expiresAt: string
}

/** How a sign-in ended: a new account, one that was there, one that got another identity, or two that became one. */
export type Outcome = 'created' | 'existing' | 'linked' | 'merged'

/** What a user may choose when phone and WeChat belong to different accounts. */
export type ConflictChoice = 'use_phone_account' | 'use_wechat_account' | 'new_account'

/** One thing that is wrong with a request, for developers. */
export interface ErrorDetail {
  /** JSON pointer into the body. */
  readonly path: string
  readonly message: string
}

/** What a sign-in gives. */
export interface SignedIn {
  readonly user: User
  readonly isNewUser: boolean
  readonly outcome: Outcome
}

/** What binding a phone gives. */
export type PhoneBound = Pick<SignedIn, 'user' | 'outcome'>

/** A token pair, as the server answers it. */
export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
  /** Seconds until the access token ends. */
  readonly expiresIn: number
}
