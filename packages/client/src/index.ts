export type { ProfileChange } from './account.js'
export { createLoginClient, type LoginClient } from './create-login-client.js'
export {
  type ClientError,
  type ClientErrorCode,
  type ConflictCode,
  type ConflictError,
  isClientError,
  type PhoneErrorCode,
} from './errors.js'
export type { LoginClientOptions } from './options.js'
export type { PhoneEvent } from './phone-event.js'
export type {
  Platform,
  PlatformAnswer,
  PlatformFailure,
  PlatformRequest,
  PlatformStorage,
  PlatformUpload,
} from './platform.js'
export type { RequestOptions, RequestResult } from './requests.js'
export type { ChangeListener } from './session-store.js'
export type {
  ConflictChoice,
  DeviceSession,
  ErrorDetail,
  Outcome,
  PhoneBound,
  SignedIn,
  User,
} from './types.js'
