import type { RecordedCall } from './calls/call-log.js'
import type { Fault } from './faults/fault.js'
import type { WaitingFault } from './faults/faults.js'
import type { PushInput } from './push/message.js'
import type { PushAttempt, PushResult } from './push/push.js'
import type { Payment } from './world/payments.js'
import type { PublishedKey } from './world/platform-keys.js'
import type { Quota } from './world/quotas.js'
import type { EmulatorSettings } from './world/settings.js'
import type { TokenCounts, TokenFamily } from './world/tokens.js'
import type {
  AppPush,
  AppSecurity,
  EmulatedApp,
  PhoneTap,
  PhoneTapInput,
  User,
  UserChange,
  UserInput,
} from './world/types.js'

/** An app as it may be shown: without its secret and keys. */
export interface AppView extends Omit<EmulatedApp, 'secret' | 'security' | 'push'> {
  readonly security?: Omit<AppSecurity, 'symmetricKey'>
  readonly push?: Omit<AppPush, 'token' | 'encodingAESKey'>
}

/** What happened since the start or the last reset, for assertions. */
export interface Stats {
  /** Calls per path and errcode; `none` for answers that are none of WeChat's (faults). */
  readonly calls: Record<string, Record<string, number>>
  /** Taps of both buttons. */
  readonly phoneCallsBilled: number
  readonly phoneTaps: { readonly quick: number; readonly realtime: number }
  /** The list price of every tap. */
  readonly yuan: number
  /** What is owed of it after the 1000 free taps of each app. */
  readonly yuanOwed: number
  /** Access tokens given, per family and cause. */
  readonly tokens: { readonly legacy: TokenCounts; readonly stable: TokenCounts }
}

/** An app that a verb is about; left out, the first one. */
export interface OfApp {
  readonly appid?: string | undefined
}

/** WeChat's keys of the security mode: two while they rotate. */
export interface PlatformKeysView {
  readonly current: PublishedKey
  readonly deprecated: PublishedKey | null
}

/** The verbs of a running emulator; the control routes are the same over HTTP. */
export interface EmulatorVerbs {
  /** @throws EmulatorError BAD_REQUEST when a key of it is none */
  addApp(app: EmulatedApp): void
  apps(): AppView[]
  createUser(input?: UserInput): User
  users(): User[]
  /** The first of them, and how many there are. */
  firstUsers(count: number): { users: User[]; total: number }
  changeUser(userId: string, change: UserChange): User
  /**
   * What wx.login gives: a code for 5 minutes and one use. It may rotate the session_key.
   *
   * @throws EmulatorError LOGIN_REFUSED with `errMsg` and `errno` of the fail callback
   */
  loginCode(userId: string, input?: OfApp): { code: string }
  /**
   * What the phone button gives when the user allows it; billed.
   *
   * @throws EmulatorError PHONE_REFUSED with `errMsg` and `errno` of the button's event
   */
  phoneCode(userId: string, input?: PhoneTapInput): PhoneTap
  /** The same of the real-time button, which gives no encrypted data. */
  realtimePhoneCode(userId: string, input?: PhoneTapInput): { code: string }
  /** What wx.pluginLogin gives. */
  pluginCode(userId: string, input?: OfApp): { code: string }
  /** What wx.checkSession tells. */
  checkSession(userId: string, input?: OfApp): { valid: boolean }
  /** A payment, which tells the unionid for 5 minutes. */
  pay(userId: string, input?: OfApp & Partial<Payment>): Payment
  /**
   * Makes the next calls of an endpoint misbehave.
   *
   * @throws EmulatorError BAD_REQUEST when nothing would be bent, or there is no such endpoint
   */
  addFault(fault: Fault): WaitingFault
  /** Those that wait for calls yet. */
  faults(): WaitingFault[]
  /** Removes one, or all. */
  removeFault(id?: string): void
  /** Sets how often an app (left out: each) may call an endpoint. */
  setQuota(quota: OfApp & Quota & { readonly path: string }): void
  /** Voids the access tokens of an app (left out: of the first) at once, as somebody else with its secret would. */
  voidTokens(input?: OfApp & { readonly family?: TokenFamily | undefined }): void
  settings(): EmulatorSettings
  changeSettings(change: Partial<EmulatorSettings>): EmulatorSettings
  platformKeys(): PlatformKeysView
  /** A new key signs, the old one beside it until it is retired. */
  rotatePlatformKey(): PlatformKeysView
  retirePlatformKey(): PlatformKeysView
  /** Sends an event to the address of an app; resolves when it was delivered or given up. */
  push(input: PushInput): Promise<PushResult>
  /** Asks the address of an app for its `echostr`, as the console does. */
  verifyPush(
    input?: OfApp & { readonly url?: string | undefined },
  ): Promise<{ verified: boolean; attempts: PushAttempt[] }>
  /** Moves the clock forward; returns the time it shows then. */
  advanceClock(seconds: number): Date
  /** What the clock shows. */
  now(): Date
  stats(): Stats
  /** The last 1000 calls after this id, without secrets. */
  calls(after?: number): RecordedCall[]
  /** Calls `listener` for each call from now on; returns the stop. */
  onCall(listener: (call: RecordedCall) => void): () => void
  /** Forgets users, codes, tokens, faults, quotas, figures, changed settings and the moved clock. */
  reset(): void
}
