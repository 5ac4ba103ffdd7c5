export type { AccessToken } from './access-token.js'
export type { AskOptions } from './calls/ask.js'
export type { EncryptedDataCheck } from './calls/encrypted-data.js'
export type { Quota } from './calls/quota.js'
export type { RidRecord } from './calls/rid.js'
export type { RiskInput, RiskRank } from './calls/risk.js'
export type { SessionKeyInput } from './calls/session-key.js'
export type { PaidOrder } from './calls/unionid.js'
export { createWechat, type Wechat } from './client.js'
export { type CloudHeaders, type CloudIdentity, readCloudIdentity } from './cloud-identity.js'
export { decryptData, type EncryptedInput } from './decrypt.js'
export { adviceOf, retryRuleOf } from './errcodes/advice.js'
export type { AdviceLanguage, ErrcodeEntries, ErrcodeEntry, RetryRule } from './errcodes/entry.js'
export { errcodeTable } from './errcodes/table.js'
export type { RefusalCode, WechatErrorCode, WechatErrorKind } from './error-codes.js'
export { isWechatError, WechatError } from './errors.js'
export type { LoginSession } from './login-session.js'
export type { Clock, TokenChange, WechatCall, WechatOptions } from './options.js'
export type { PhoneNumber } from './phone-number.js'
export type {
  AuthorizationCancelled,
  AuthorizationPush,
  AuthorizationRevoked,
  OtherPush,
  PushEvent,
  UserInfoModified,
} from './push/event.js'
export type { PushFormat } from './push/parse-body.js'
export { createPushReader, type PushQuery, type PushReader, type PushReaderOptions, pushAnswer } from './push/reader.js'
export type { RevokedScope } from './push/revoke-info.js'
export type { PlatformCertificate, SecurityOptions } from './security/options.js'
export type { AccessTokenStore, SharedToken } from './token-store.js'
