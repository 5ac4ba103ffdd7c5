/** WeChat's texts by errcode, without rid (facts 1.1, 2.3). Where the wire text was never captured it is our choice, said so. */
export const errmsgs: Readonly<Record<number, string>> = {
  [-1]: 'system error',
  40001:
    'invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r',
  40002: 'invalid grant_type',
  40003: 'invalid openid', // our choice
  40013: 'invalid appid',
  40014: 'invalid access_token',
  40029: 'invalid code',
  40125: 'invalid appsecret',
  40163: 'code been used',
  40164: 'invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist',
  40226: 'code blocked', // the document's word; the wire was never captured
  40243: 'appsecret frozen', // our choice
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41008: 'missing code',
  42001: 'access_token expired',
  43002: 'require POST method',
  44002: 'empty post data',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit, must slower, retry next minute',
  47001: 'data format error',
  48001: 'api unauthorized',
  50004: 'forbidden to use token interface', // our choice
  50007: 'account is frozen', // our choice
}

/** Errors whose text carries a hint on wxa/business (facts 1.2). */
export const hinted: ReadonlySet<number> = new Set([40029, 47001])
