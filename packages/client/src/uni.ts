import { type CallbackApis, toPlatform } from './callbacks.js'
import type { Platform } from './platform.js'

/** So much of `uni` as is used. */
export type UniApis = CallbackApis

/**
 * The phone of a uni-app: `uniPlatform(uni)`, for mini programs and H5. H5 has no `uni.login`: there, give the platform one
 * of your own, `{ ...uniPlatform(uni), login: async () => code }`.
 */
export function uniPlatform(uni: UniApis): Platform {
  return toPlatform(uni)
}
