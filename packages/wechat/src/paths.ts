/** The endpoints this client calls, as they appear in errors and in `onCall`. */
export const paths = {
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html */
  exchangeCode: '/sns/jscode2session',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/phone-number/getPhoneNumber.html */
  getPhoneNumber: '/wxa/business/getuserphonenumber',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getStableAccessToken.html */
  stableToken: '/cgi-bin/stable_token',
  /** @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-access-token/getAccessToken.html */
  legacyToken: '/cgi-bin/token',
} as const
