/** The endpoints this client calls, as they appear in errors and in `onCall`. */
export const paths = {
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html */
  exchangeCode: '/sns/jscode2session',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/phone-number/getPhoneNumber.html */
  getPhoneNumber: '/wxa/business/getuserphonenumber',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_checksessionkey.html */
  checkSessionKey: '/wxa/checksession',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_resetusersessionkey.html */
  resetUserSessionKey: '/wxa/resetusersessionkey',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/basic-info/checkEncryptedData.html */
  checkEncryptedData: '/wxa/business/checkencryptedmsg',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/user-info/basic-info/api_getpaidunionid.html */
  getPaidUnionid: '/wxa/getpaidunionid',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/user-info/basic-info/api_getpluginopenpid.html */
  getPluginOpenpid: '/wxa/getpluginopenpid',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/sec-center/safety-control-capability/api_getuserriskrank.html */
  getUserRiskRank: '/wxa/getuserriskrank',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_getapiquota.html */
  getQuota: '/cgi-bin/openapi/quota/get',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/openApi-mgnt/clearQuota.html */
  clearQuota: '/cgi-bin/clear_quota',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_clearquotabyappsecret.html */
  clearQuotaBySecret: '/cgi-bin/clear_quota/v2',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/server/API/openApi-mgnt/api_getridinfo.html */
  lookUpRid: '/cgi-bin/openapi/rid/get',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html */
  stableToken: '/cgi-bin/stable_token',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getAccessToken.html */
  legacyToken: '/cgi-bin/token',
} as const
