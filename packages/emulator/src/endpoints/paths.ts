/** Where this WeChat answers. */
export const paths = {
  codeToSession: '/sns/jscode2session',
  legacyToken: '/cgi-bin/token',
  stableToken: '/cgi-bin/stable_token',
  phoneNumber: '/wxa/business/getuserphonenumber',
  checkEncryptedMessage: '/wxa/business/checkencryptedmsg',
  checkSession: '/wxa/checksession',
  resetSessionKey: '/wxa/resetusersessionkey',
  paidUnionid: '/wxa/getpaidunionid',
  pluginOpenpid: '/wxa/getpluginopenpid',
  riskRank: '/wxa/getuserriskrank',
  ridLookup: '/cgi-bin/openapi/rid/get',
  quotaLookup: '/cgi-bin/openapi/quota/get',
  clearQuota: '/cgi-bin/clear_quota',
  clearQuotaBySecret: '/cgi-bin/clear_quota/v2',
} as const

export const endpointPaths: ReadonlySet<string> = new Set(Object.values(paths))
