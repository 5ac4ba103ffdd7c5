import type { Platform } from '@mplogin/client'
import { uniPlatform } from '@mplogin/client/uni'
import { hasVirtualPhone, loginCode, virtualAppid } from './virtual-phone.js'

/** WeChat; in a browser the emulator, which plays it. */
export const platform: Platform = {
  ...uniPlatform(uni),
  // #ifdef H5
  appid: virtualAppid,
  login: loginCode,
  // #endif
}

/** Whether there is a WeChat to log in with. */
export const canLogIn =
  // #ifdef H5
  hasVirtualPhone &&
  // #endif
  true
