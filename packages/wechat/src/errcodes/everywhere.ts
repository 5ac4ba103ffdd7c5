import { badRequest, type ErrcodeEntries, entry } from './entry.js'

/**
 * The access token is unknown, superseded, malformed or expired: it is dropped and the call repeated once.
 *
 * @see https://developers.weixin.qq.com/doc/oplatform/developers/dev/AccessToken.html
 */
const tokenRejected = entry(
  'TOKEN_REJECTED',
  'drop_token',
  '程序会自动丢弃旧 access_token 并重试一次。若反复出现：有别的程序用同一 AppSecret 取走了令牌（改用 stable_token），或令牌属于另一个 appid。',
  'The program drops the access token and tries once more by itself. If it keeps coming back, another program fetches tokens with the same AppSecret (use stable_token there too), or the token is of another appid.',
)

/** What an errcode means at every endpoint that does not say otherwise. */
export const everywhere: ErrcodeEntries = {
  [-1]: entry(
    'BUSY',
    'retry',
    '微信系统繁忙，程序已自动重试。若持续数分钟，查看微信开放社区公告，等待恢复。',
    'WeChat is busy; the call was repeated by itself. If it lasts for minutes, look for a notice of WeChat’s and wait.',
  ),
  40001: tokenRejected,
  40014: tokenRejected,
  42001: tokenRejected,
  40002: badRequest('grant_type 不合法', 'The grant_type is not valid'),
  40003: entry(
    'OPENID_INVALID',
    'never',
    'openid 不合法，或属于另一个小程序。检查 openid 与 appid 是否来自同一个小程序。',
    'The openid is malformed or of another mini program. Check that openid and appid belong together.',
  ),
  40013: entry(
    'APPID_INVALID',
    'operator',
    'appid 不正确。对照小程序管理后台「开发管理」检查配置的 appid，注意大小写和空格。',
    'The appid is wrong. Compare the configured appid with the admin page (开发管理), letter by letter.',
  ),
  40029: entry(
    'CODE_INVALID',
    'never',
    'code 无效：已过期（5 分钟）、属于另一个小程序，或登录 code 与手机号 code 用反。让小程序重新获取 code；若每次都失败，检查客户端与服务端的 appid 是否一致。',
    'The code is unknown: older than 5 minutes, of another mini program, or a login code sent as a phone code. Let the mini program get a new one; if every code fails, compare the appids of client and server.',
  ),
  40097: badRequest('参数错误', 'The arguments are not valid'),
  40125: entry(
    'SECRET_INVALID',
    'operator',
    'AppSecret 不正确（可能已被重置）。在小程序管理后台「开发管理」核对或重置 AppSecret，并更新配置。',
    'The AppSecret is wrong, perhaps it was reset. Check or reset it on the admin page (开发管理) and update the configuration.',
  ),
  40129: badRequest('场景值错误', 'The scene is not valid'),
  40163: entry(
    'CODE_USED',
    'never',
    'code 已被使用：多为重复点击、客户端重试或代理重发。让小程序重新调用 wx.login，并检查是否有人把同一请求发了两次。',
    'The code was used before: a double tap, a retry of the client, or a proxy that sends twice. Let the mini program call wx.login again and find out who sent the request twice.',
  ),
  40164: entry(
    'IP_NOT_ALLOWED',
    'operator',
    '把服务器出口 IP {address} 加入白名单：小程序管理后台 → 开发管理 → 开发设置 → IP 白名单。多台服务器或多出口时请全部加入。',
    'Put the address {address} on the IP allow-list: admin page → 开发管理 → 开发设置 → IP 白名单. With several servers or exits, put all of them.',
  ),
  40226: entry(
    'USER_BLOCKED',
    'never',
    '微信判定该用户为高风险，登录被拦截。不要重试；向用户显示中性提示，并引导其联系微信客服。',
    'WeChat calls this user a high risk and stops the login. Do not repeat it; show the user a neutral message and point to WeChat’s support.',
  ),
  40243: entry(
    'SECRET_FROZEN',
    'operator',
    'AppSecret 已被冻结。在小程序管理后台「开发管理」解冻或重置 AppSecret。',
    'The AppSecret is frozen. Unfreeze or reset it on the admin page (开发管理).',
  ),
  41001: badRequest('缺少 access_token', 'The access_token is missing'),
  41002: badRequest('缺少 appid', 'The appid is missing'),
  41004: badRequest('缺少 AppSecret', 'The AppSecret is missing'),
  41008: badRequest('缺少 code', 'The code is missing'),
  43002: badRequest('该接口只接受 POST', 'The endpoint takes POST only'),
  43104: entry(
    'OPENID_INVALID',
    'never',
    'appid 与 openid 不匹配。检查 openid 是否来自本小程序。',
    'The openid is not of this appid. Check that it comes from this mini program.',
  ),
  43302: badRequest('该接口只接受 POST', 'The endpoint takes POST only'),
  44002: badRequest('POST 数据为空', 'The posted data is empty'),
  45009: entry(
    'QUOTA_EXCEEDED',
    'tomorrow',
    '当天调用额度已用完，次日恢复。用 getQuota 查看用量、找出调用过多的程序；紧急时可用 clearQuota 清零（每月共 10 次）。',
    'The quota of the day is used up, until the day turns. Look with getQuota who calls so often; in need clearQuota resets it, 10 times a month altogether.',
  ),
  45011: entry(
    'RATE_LIMITED',
    'next_minute',
    '调用过于频繁，下一分钟再试。检查是否有循环调用 wx.login 或重复提交。',
    'Called too often in this minute; go on in the next. Look for loops around wx.login and for double submissions.',
  ),
  47001: badRequest('数据格式错误', 'The posted data is not JSON'),
  48001: entry(
    'API_UNAUTHORIZED',
    'operator',
    '小程序没有该接口的权限。检查账号是否已认证、该能力是否已开通或被收回。',
    'The mini program may not call this. Check that the account is verified and that the ability is granted and not recalled.',
  ),
  48006: entry(
    'CLEAR_QUOTA_EXHAUSTED',
    'operator',
    '本月 10 次清零机会已用完，下月恢复。等待次日额度自动恢复，并减少调用。',
    'The 10 resets of this month are used up. Wait for the quota of the next day, and call less.',
  ),
  50004: entry(
    'TOKEN_FORBIDDEN',
    'operator',
    '该账号被禁止使用 token 接口。在小程序管理后台查看站内信与违规记录并处理。',
    'The account may not fetch access tokens. Look for notices and violations on the admin page.',
  ),
  50007: entry(
    'ACCOUNT_FROZEN',
    'operator',
    '小程序账号已被冻结。在小程序管理后台查看原因并申诉或解冻。',
    'The account of the mini program is frozen. See the reason on the admin page and appeal or unfreeze it.',
  ),
  61010: entry(
    'USER_INACTIVE',
    'never',
    '用户最近未访问小程序（文档为两小时内），无法评估。等用户再次打开小程序后再调用。',
    'The user has not visited the mini program lately (two hours, says the document). Ask again after the next visit.',
  ),
  61451: badRequest('参数错误', 'A parameter is not valid'),
  76021: entry(
    'PATH_INVALID',
    'never',
    '没有这个接口路径。填写完整路径，如 /wxa/getuserriskrank，不带域名。',
    'There is no such endpoint. Give the path alone, with its slash: /wxa/getuserriskrank.',
  ),
  76022: entry(
    'LOOKUP_UNSUPPORTED',
    'never',
    '该接口不支持查询：/sns/* 一律不支持，或该接口不属于小程序。',
    'This endpoint cannot be looked up: none below /sns can, nor those of other kinds of accounts.',
  ),
  85107: entry(
    'API_UNAUTHORIZED',
    'operator',
    '该接口不在云调用白名单中。在云托管「开放接口服务」里加入该路径，或对该调用关闭开放接口服务。',
    'The path is not on the cloud-call allow-list. Add it under 开放接口服务 of WeChat cloud hosting, or switch that service off for this call.',
  ),
  87007: entry(
    'SESSION_KEY_INVALID',
    'never',
    'session_key 不存在或已过期。让用户重新登录（wx.login）。',
    'The session key does not exist or has expired. Let the user log in again (wx.login).',
  ),
  87008: badRequest('sig_method 不合法', 'The sig_method is not valid'),
  87009: entry(
    'SESSION_KEY_INVALID',
    'never',
    '签名与微信保存的 session_key 不符：用户之后又登录过，服务器保存的是旧 key。让用户重新登录。',
    'The signature does not fit the session key WeChat has: the user logged in again since and this key is old. Let the user log in again.',
  ),
  89002: entry(
    'OPEN_PLATFORM_UNBOUND',
    'operator',
    '小程序未绑定微信开放平台账号，因此没有 unionid。在 open.weixin.qq.com 绑定后再调用。',
    'The mini program is bound to no Open Platform account, so there is no unionid. Bind it at open.weixin.qq.com.',
  ),
  89300: entry(
    'ORDER_INVALID',
    'never',
    '订单无效：不是该用户的订单，或支付已超过 5 分钟。核对单号与商户号，支付成功后立即调用。',
    'The order is not valid: another user’s, or paid more than 5 minutes ago. Check the numbers and call right after the payment.',
  ),
  89501: entry(
    'IP_NOT_ALLOWED',
    'operator',
    '已有一条待管理员确认的 IP 请求。请管理员先在微信里处理它，再重试。',
    'A request to confirm an address is waiting. Let the administrator answer it in WeChat, then try again.',
  ),
  89503: entry(
    'IP_NOT_ALLOWED',
    'operator',
    '此 IP 的调用需要管理员确认。请管理员在微信的确认消息中同意，或把服务器 IP 加入白名单。',
    'The administrator must confirm this address. Let them agree in WeChat, or put the server’s address on the allow-list.',
  ),
  89506: entry(
    'IP_NOT_ALLOWED',
    'tomorrow',
    '管理员两次拒绝了此 IP，24 小时内不能再试。与管理员沟通，或把服务器 IP 加入白名单。',
    'The administrator refused this address twice; it is closed for 24 hours. Talk to them, or put the address on the allow-list.',
  ),
  89507: entry(
    'IP_NOT_ALLOWED',
    'next_hour',
    '管理员拒绝了此 IP，1 小时内不能再试。与管理员沟通，或把服务器 IP 加入白名单。',
    'The administrator refused this address; it is closed for an hour. Talk to them, or put the address on the allow-list.',
  ),
  9410009: entry(
    'TEST_QUOTA_EXHAUSTED',
    'operator',
    '测试额度已用完。去掉 isTest 使用正式调用，或在安全中心开通更多额度。',
    'The quota of test calls is used up. Call without isTest, or get more in the security centre (安全中心).',
  ),
}
