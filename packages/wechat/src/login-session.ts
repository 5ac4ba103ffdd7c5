import { type Fields, unreadable } from './judge.js'
import { paths } from './paths.js'

/** Who a login code stands for. */
export interface LoginSession {
  /** The user in this app: 28 characters usually, a length WeChat does not promise. */
  openid: string
  /** The user in all apps of one Open Platform account; absent when the app is bound to none. */
  unionid?: string
  /** 16 bytes in base64. Never leaves the server. */
  sessionKey: string
}

/** @throws WechatError `UNREADABLE` */
export function parseLoginSession({ openid, unionid, session_key: sessionKey }: Fields): LoginSession {
  if (!isText(openid)) throw unreadable(paths.exchangeCode, 'the answer has no openid')
  if (!isText(sessionKey)) throw unreadable(paths.exchangeCode, 'the answer has no session_key')
  return { openid, ...(isText(unionid) && { unionid }), sessionKey }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
