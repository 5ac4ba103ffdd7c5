import type { ErrorCode } from './errors.js'

/** The languages of every text a person can meet. */
export type Language = 'zh-CN' | 'en'

/** One text in each language. */
export type Message = Readonly<Record<Language, string>>

/** What a client may show for each error code. Detail for operators goes to the log, under the answer's `requestId`. */
export const errorMessages: Readonly<Record<ErrorCode, Message>> = {
  BAD_REQUEST: { 'zh-CN': '请求参数有误', en: 'The request is not valid' },
  WECHAT_CODE_INVALID: {
    'zh-CN': '微信登录凭证无效或已过期，请重试',
    en: 'The WeChat login code is invalid or expired, please try again',
  },
  WECHAT_CODE_USED: {
    'zh-CN': '微信登录凭证已使用，请重新登录',
    en: 'The WeChat login code was already used, please log in again',
  },
  PHONE_CODE_INVALID: {
    'zh-CN': '手机号授权无效或已过期，请重新点击按钮',
    en: 'The phone authorization is invalid or expired, please tap the button again',
  },
  PHONE_CODE_NOT_YOURS: {
    'zh-CN': '手机号授权与当前微信用户不一致',
    en: 'The phone authorization belongs to another WeChat user',
  },
  APP_UNKNOWN: { 'zh-CN': '未知的小程序', en: 'Unknown mini program' },
  TICKET_INVALID: { 'zh-CN': '选择已过期，请重新登录', en: 'This choice has expired, please log in again' },
  IMAGE_INVALID: {
    'zh-CN': '无法读取该图片，请换一张（JPEG、PNG、WebP 或 GIF）',
    en: 'This picture cannot be read, please take another one (JPEG, PNG, WebP or GIF)',
  },
  UNAUTHENTICATED: { 'zh-CN': '请先登录', en: 'Please log in first' },
  TOKEN_EXPIRED: { 'zh-CN': '登录状态已过期', en: 'The access token has expired' },
  SESSION_REVOKED: { 'zh-CN': '登录已失效，请重新登录', en: 'This session has ended, please log in again' },
  REFRESH_INVALID: { 'zh-CN': '登录已过期，请重新登录', en: 'The login has expired, please log in again' },
  REFRESH_REUSED: {
    'zh-CN': '检测到异常登录，请重新登录',
    en: 'Unusual use of this login was detected, please log in again',
  },
  WECHAT_USER_BLOCKED: { 'zh-CN': '当前微信账号暂时无法登录', en: 'This WeChat account cannot log in at the moment' },
  ACCOUNT_DISABLED: { 'zh-CN': '账号已被停用，请联系客服', en: 'This account is disabled, please contact support' },
  NOT_FOUND: { 'zh-CN': '请求的内容不存在', en: 'Not found' },
  ACCOUNT_CONFLICT: {
    'zh-CN': '该手机号与当前微信属于不同账号，请选择要使用的账号',
    en: 'This phone and this WeChat belong to different accounts, please choose one',
  },
  PHONE_MAY_BE_RECYCLED: {
    'zh-CN': '该手机号可能已更换机主，请确认是否注册新账号',
    en: 'This phone number may have a new owner, please confirm to create a new account',
  },
  PHONE_ALREADY_BOUND: { 'zh-CN': '当前账号已绑定其他手机号', en: 'This account already has another phone number' },
  TICKET_USED: { 'zh-CN': '该选择已提交过', en: 'This choice was already made' },
  PAYLOAD_TOO_LARGE: { 'zh-CN': '请求内容过大', en: 'The request is too large' },
  UNSUPPORTED_MEDIA_TYPE: { 'zh-CN': '不支持该内容类型', en: 'This content type is not supported here' },
  IDEMPOTENCY_KEY_REUSED: { 'zh-CN': '幂等键已用于另一次登录', en: 'This Idempotency-Key was used for another login' },
  RATE_LIMITED: { 'zh-CN': '操作过于频繁，请稍后再试', en: 'Too many requests, please try again later' },
  WECHAT_RATE_LIMITED: { 'zh-CN': '微信登录繁忙，请稍后再试', en: 'WeChat is limiting logins, please try again later' },
  INTERNAL: { 'zh-CN': '服务器内部错误，请稍后再试', en: 'Internal error, please try again later' },
  WECHAT_CONFIG: {
    'zh-CN': '登录服务配置有误，请联系客服',
    en: 'The login service is misconfigured, please contact support',
  },
  WECHAT_UNAVAILABLE: {
    'zh-CN': '微信服务暂时不可用，请稍后再试',
    en: 'WeChat is unavailable, please try again later',
  },
  SERVICE_UNAVAILABLE: {
    'zh-CN': '服务暂时不可用，请稍后再试',
    en: 'The service is unavailable, please try again later',
  },
}

/** Texts that replace the general one where the server can tell what went wrong with a code. */
export const codeHints = {
  /** A phone code (64 hex characters) arrived where a login code was expected. */
  expectedLoginCode: {
    'zh-CN': '收到的是手机号授权 code，此处需要 wx.login 返回的 code',
    en: 'This is a code of the phone button; the code of wx.login was expected',
  },
  /** A login code (32 characters) arrived where a phone code was expected. */
  expectedPhoneCode: {
    'zh-CN': '收到的是 wx.login 的 code，此处需要手机号按钮返回的 code',
    en: 'This is a code of wx.login; the code of the phone button was expected',
  },
  /** The developer tools without an appid answer wx.login with a literal. */
  mockCode: {
    'zh-CN': '这是开发者工具的模拟 code，请在工具中填写真实的 AppID',
    en: 'This is a mock code of the developer tools: set a real AppID there',
  },
} as const satisfies Record<string, Message>

/** The name of a hint. */
export type CodeHint = keyof typeof codeHints

/** What an answer says on success, by what was done. */
export const successMessages = {
  login: { 'zh-CN': '登录成功', en: 'Logged in' },
  bindPhone: { 'zh-CN': '手机号绑定成功', en: 'Phone number bound' },
  refresh: { 'zh-CN': '刷新成功', en: 'Refreshed' },
  logout: { 'zh-CN': '已退出登录', en: 'Logged out' },
  deleted: { 'zh-CN': '账号已注销', en: 'Account deleted' },
  saved: { 'zh-CN': '保存成功', en: 'Saved' },
  ok: { 'zh-CN': '成功', en: 'OK' },
} as const satisfies Record<string, Message>

/** The name of a success text. */
export type SuccessMessage = keyof typeof successMessages
