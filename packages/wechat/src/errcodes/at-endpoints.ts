import { paths } from '../paths.js'
import { badRequest, type ErrcodeEntries, entry } from './entry.js'

const ridUnknown = (zh: string, en: string) => entry('RID_INVALID', 'never', zh, en)

/** Errcodes that mean something else, or only something, at one endpoint. */
export const atEndpoints: Readonly<Record<string, ErrcodeEntries>> = {
  [paths.getPhoneNumber]: {
    // WeChat documents 40013; its errcode for another user's code is not documented, 40003 is our assumption.
    40003: entry(
      'OPENID_MISMATCH',
      'never',
      '手机号 code 属于另一个用户。可能是客户端混用了账号，也可能是有人冒用；让用户重新点击手机号按钮。',
      'The phone code is another user’s: the client mixed up two people, or somebody tries a stranger’s code. Let the user tap the button again.',
    ),
    40013: entry(
      'PHONE_APP_MISMATCH',
      'never',
      '手机号 code 属于另一个小程序。检查客户端 appid 与服务端配置是否一致。',
      'The phone code is of another mini program. Compare the appids of client and server.',
    ),
  },
  [paths.checkEncryptedData]: {
    1: entry(
      'ENCRYPTED_DATA_UNKNOWN',
      'never',
      '微信没有这份加密数据的记录：不是微信生成的，或已超过 3 天。',
      'WeChat has no record of this data: it did not make it, or more than 3 days ago.',
    ),
  },
  // A page of its own kind, with numbers of its own.
  [paths.getPluginOpenpid]: {
    1000: entry(
      'BUSY',
      'retry',
      '微信系统错误，程序已自动重试。若持续，稍后再试。',
      'An error inside WeChat; the call was repeated by itself. If it lasts, wait.',
    ),
    1001: entry(
      'CODE_INVALID',
      'never',
      '请求参数非法，多为 code 不正确。让插件重新调用 wx.pluginLogin。',
      'A parameter is not valid, most likely the code. Let the plugin call wx.pluginLogin again.',
    ),
    1003: entry('RATE_LIMITED', 'next_minute', '请求频率过快，稍后再试。', 'Called too often; go on a little later.'),
    1005: entry(
      'PLUGIN_MISMATCH',
      'operator',
      '插件 appid 与数据不匹配。检查 access_token 是否由插件的 appid 获取。',
      'The code is not of this plugin. Check that the client is made with the plugin’s appid.',
    ),
    1007: entry(
      'CODE_INVALID',
      'never',
      'openpid 数据不存在：code 已过期（5 分钟）或已使用。让插件重新调用 wx.pluginLogin。',
      'There is no such openpid: the code is older than 5 minutes or used. Let the plugin call wx.pluginLogin again.',
    ),
    1022: badRequest('JSON 解析错误', 'The posted data is not JSON'),
  },
  [paths.getQuota]: {
    76003: entry(
      'PATH_INVALID',
      'never',
      '接口路径格式不对。填写以 / 开头的路径，不带域名。',
      'The path is malformed. Give the path alone, with its slash and without a host.',
    ),
  },
  [paths.lookUpRid]: {
    76001: ridUnknown('rid 不存在（文档也以此表示超过 7 天）。', 'There is no such rid; it may be older than 7 days.'),
    76002: ridUnknown('rid 为空或格式错误。', 'The rid is empty or malformed.'),
    76003: ridUnknown(
      'rid 属于另一个账号。用产生它的小程序的凭据查询。',
      'The rid is of another account. Look it up with the app that got it.',
    ),
    76004: ridUnknown('rid 已过期，只能查询最近 7 天。', 'The rid is too old: only those of the last 7 days are kept.'),
  },
}
