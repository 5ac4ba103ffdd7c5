import type { Platform } from '@mplogin/client'
import { uniPlatform } from '@mplogin/client/uni'
import { hasVirtualPhone, login, virtualAppid } from './virtual-phone.js'

/** WeChat; in a browser the emulator, which plays it. */
export const platform: Platform = {
  // #ifdef MP-WEIXIN
  ...uniPlatform(uni),
  // #endif
  // #ifdef H5
  // The build of H5 keeps only what it sees called by name.
  ...uniPlatform({
    request: uni.request,
    uploadFile: uni.uploadFile,
    getStorageSync: uni.getStorageSync,
    setStorageSync: uni.setStorageSync,
    removeStorageSync: uni.removeStorageSync,
    getDeviceInfo: uni.getDeviceInfo,
    getAccountInfoSync: uni.getAccountInfoSync,
  }),
  appid: virtualAppid,
  login,
  // #endif
}

/** Whether there is a WeChat to log in with. */
export const canLogIn =
  // #ifdef H5
  hasVirtualPhone &&
  // #endif
  true
