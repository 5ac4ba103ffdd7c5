import { codeToSession } from './code-to-session.js'
import { checkEncryptedMessage } from './encrypted-message.js'
import type { Endpoint } from './endpoint.js'
import { clearQuota, clearQuotaBySecret, quotaLookup, ridLookup } from './openapi.js'
import { paidUnionid } from './paid-unionid.js'
import { phoneNumber } from './phone-number.js'
import { pluginOpenpid } from './plugin-openpid.js'
import { riskRank } from './risk-rank.js'
import { checkSession, resetSessionKey } from './session-keys.js'
import { legacyToken, stableToken } from './tokens.js'

/** Every endpoint of the emulator. */
export const endpoints: readonly Endpoint[] = [
  codeToSession,
  legacyToken,
  stableToken,
  phoneNumber,
  checkEncryptedMessage,
  checkSession,
  resetSessionKey,
  paidUnionid,
  pluginOpenpid,
  riskRank,
  ridLookup,
  quotaLookup,
  clearQuota,
  clearQuotaBySecret,
]
