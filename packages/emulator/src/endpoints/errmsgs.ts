/**
 * WeChat's texts by errcode, without rid (facts 1.1, 2.3, 4). Where the wire text was never captured it is the document's word or
 * our choice, said so; nobody should match on them.
 */
export const errmsgs: Readonly<Record<number, string>> = {
  [-1]: 'system error',
  1: 'not found', // our choice: checkencryptedmsg, data that is unknown or older than 3 days
  1001: 'invalid request parameter', // our choice; 1000 to 1022 are of getpluginopenpid
  1003: 'request too frequent', // our choice
  1005: 'appid not match', // our choice
  1007: 'openpid not found', // our choice
  1022: 'json parse error', // our choice
  40001:
    'invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r',
  40002: 'invalid grant_type',
  40003: 'invalid openid',
  40013: 'invalid appid',
  40014: 'invalid access_token',
  40029: 'invalid code',
  40097: 'invalid args',
  40125: 'invalid appsecret',
  40163: 'code been used',
  40164: 'invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist',
  40226: 'code blocked', // the document's word; the wire was never captured
  40230: 'miss Wechatmp-Serial', // 40230 to 40240: our choice
  40231: 'miss Wechatmp-TimeStamp',
  40232: 'miss Wechatmp-Signature',
  40233: 'miss Wechatmp-AppId',
  40234: 'invalid signature',
  40235: 'invalid encryption',
  40236: 'invalid Wechatmp-AppId',
  40237: 'appid and access_token not match',
  40238: 'no symmetric key set',
  40239: 'no public key set',
  40240: 'invalid Wechatmp-TimeStamp',
  40243: 'appsecret frozen', // our choice
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41008: 'missing code',
  42001: 'access_token expired',
  43002: 'require POST method',
  43104: 'appid not match with openid', // our choice
  44002: 'empty post data',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit, must slower, retry next minute',
  47001: 'data format error',
  48001: 'api unauthorized',
  48006: 'forbid to clear quota because of reaching the limit',
  50004: 'forbidden to use token interface', // our choice
  50007: 'account is frozen', // our choice
  61010: 'code is expired', // our choice
  76001: 'rid not found', // the document's word
  76021: 'cgi_path not found, please check', // the document's word
  76022: 'could not use this cgi_path, no permission', // the document's word
  87007: 'session_key is not existed or expired', // our choice
  87008: 'invalid sig_method', // the document's word
  87009: 'invalid signature', // the document's word
  89002: 'open not exists', // our choice
  89300: 'invalid trade', // our choice
  89503: 'ip not confirmed by the administrator', // 89503 to 89507: our choice
  89506: 'ip refused by the administrator, retry in 24 hours',
  89507: 'ip refused by the administrator, retry in 1 hour',
}

/** Errors whose text carries a hint on wxa/business (facts 1.2). */
export const hinted: ReadonlySet<number> = new Set([40029, 47001])
