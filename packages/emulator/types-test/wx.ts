import type { Wx } from '@mplogin/emulator/wx'

// Compiled only. Code that is written against WeChat's own typings takes our wx where it takes theirs: what it passes is accepted,
// what it gets back has the fields it reads.
declare const ours: Wx
declare const requestOption: WechatMiniprogram.RequestOption
declare const uploadOption: WechatMiniprogram.UploadFileOption
declare const loginOption: WechatMiniprogram.LoginOption
declare const checkOption: WechatMiniprogram.CheckSessionOption
declare const setOption: WechatMiniprogram.SetStorageOption
declare const getOption: WechatMiniprogram.GetStorageOption
declare const privacyOption: WechatMiniprogram.GetPrivacySettingOption
declare const requireOption: WechatMiniprogram.RequirePrivacyAuthorizeOption
declare const networkOption: WechatMiniprogram.GetNetworkTypeOption

ours.request(requestOption).abort()
ours.uploadFile(uploadOption).abort()
ours.login(loginOption)
ours.checkSession(checkOption)
ours.setStorage(setOption)
ours.getStorage(getOption)
ours.getPrivacySetting(privacyOption)
ours.requirePrivacyAuthorize(requireOption)
ours.getNetworkType(networkOption)

export const account: Pick<WechatMiniprogram.AccountInfo, 'miniProgram'> = ours.getAccountInfoSync()
export const storage: Pick<
  WechatMiniprogram.Wx,
  'getStorageSync' | 'setStorageSync' | 'removeStorageSync' | 'clearStorageSync'
> = ours
export const listening: Pick<WechatMiniprogram.Wx, 'onAppHide'> = ours
export const detail: Promise<Pick<WechatMiniprogram.ButtonGetPhoneNumber['detail'], 'errMsg'>> = ours
  .tapPhoneButton()
  .then(event => event.detail)
