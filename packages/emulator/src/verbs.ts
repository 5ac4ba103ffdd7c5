import type { RecordedCall } from './calls/call-log.js'
import type { Fault } from './faults/fault.js'
import type { EmulatedApp, PhoneTap, User, UserInput } from './world/types.js'

/** The verbs of a running emulator; the control routes are the same over HTTP. */
export interface EmulatorVerbs {
  addApp(app: EmulatedApp): void
  /** The apps, without their secrets. */
  apps(): Omit<EmulatedApp, 'secret'>[]
  createUser(input?: UserInput): User
  users(): User[]
  /** What wx.login gives: a code for 5 minutes and one use. */
  loginCode(userId: string, input?: { appid?: string }): { code: string }
  /**
   * What the phone button gives when the user allows it; billed.
   *
   * @throws EmulatorError PHONE_REFUSED with `errMsg` and `errno` of the button's event
   */
  phoneCode(userId: string, input?: { appid?: string }): PhoneTap
  /** Makes the next calls of an endpoint misbehave. */
  addFault(fault: Fault): void
  /** Moves the clock forward; returns the time it shows then. */
  advanceClock(seconds: number): Date
  /** Calls per path and errcode (`none` for faults without one), taps billed, and their list price in yuan. */
  stats(): { calls: Record<string, Record<string, number>>; phoneCallsBilled: number; yuan: number }
  /** The last 1000 calls after this id, without secrets. */
  calls(after?: number): RecordedCall[]
  /** Calls `listener` for each call from now on; returns the stop. */
  onCall(listener: (call: RecordedCall) => void): () => void
  /** Forgets users, codes, tokens, faults, figures and the moved clock. */
  reset(): void
}
