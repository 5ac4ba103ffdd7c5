export type { RecordedCall } from './calls/call-log.js'
export { type Emulator, type EmulatorOptions, startEmulator } from './emulator.js'
export { EmulatorError } from './emulator-error.js'
export { endpointPaths } from './endpoints/paths.js'
export type { Bend, Fault } from './faults/fault.js'
export type { WaitingFault } from './faults/faults.js'
export { type PushEvent, type PushInput, type PushMessage, pushEvents } from './push/message.js'
export type { PushAttempt, PushResult } from './push/push.js'
export type { AppView, EmulatorVerbs, OfApp, PlatformKeysView, Stats } from './verbs.js'
export type { Payment } from './world/payments.js'
export type { PublishedKey } from './world/platform-keys.js'
export type { Quota } from './world/quotas.js'
export type { EmulatorSettings } from './world/settings.js'
export type { TokenCause, TokenCounts, TokenFamily } from './world/tokens.js'
export type {
  AppPush,
  AppSecurity,
  Clock,
  EmulatedApp,
  PhoneTap,
  PhoneTapInput,
  RandomBytes,
  User,
  UserChange,
  UserInput,
} from './world/types.js'
