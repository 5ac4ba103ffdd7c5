import { type CallbackApis, toPlatform } from './callbacks.js'
import type { Platform } from './platform.js'

/** So much of `Taro` as is used. Its calls take callbacks and return promises, and either is listened to. */
export type TaroApis = CallbackApis

/** The phone of a Taro app: `taroPlatform(Taro)`. */
export function taroPlatform(taro: TaroApis): Platform {
  return toPlatform(taro)
}
