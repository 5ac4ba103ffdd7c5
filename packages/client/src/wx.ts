import { type CallbackApis, toPlatform } from './callbacks.js'
import type { Platform } from './platform.js'

/** So much of `wx` as is used. */
export type WxApis = CallbackApis

/** The phone of a mini program in WeChat's own language: `wxPlatform(wx)`. */
export function wxPlatform(wx: WxApis): Platform {
  return toPlatform(wx)
}
