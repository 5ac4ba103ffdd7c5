import type { KeyPolicy } from './decide-rotation.js'
import type { SigningAlgorithm } from './key-pairs.js'

/** How the settings want signing keys to be kept. */
export function keyPolicyOf(settings: {
  readonly SIGNING_ALGORITHM: SigningAlgorithm
  readonly SIGNING_KEY_MAX_DAYS: number
  readonly ACCESS_TOKEN_TTL_SECONDS: number
}): KeyPolicy {
  return {
    algorithm: settings.SIGNING_ALGORITHM,
    maxDays: settings.SIGNING_KEY_MAX_DAYS,
    accessTtlSeconds: settings.ACCESS_TOKEN_TTL_SECONDS,
  }
}
