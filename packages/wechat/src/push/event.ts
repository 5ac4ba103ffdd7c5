import type { Fields } from '../judge.js'
import { unreadablePush } from './parse-body.js'
import { parseRevokeInfo, type RevokedScope } from './revoke-info.js'

/** What every event about a user's authorization tells. */
export interface AuthorizationPush {
  openid: string
  /** Absent as a rule in WeChat's samples, and when the app is bound to no Open Platform account. */
  unionid?: string
  appid: string
  /** When WeChat made it. */
  createdAt: Date
  /**
   * Equal for the same event however often WeChat sends it (it repeats a push up to three times when it got no answer
   * within 5 s): act on each once.
   */
  dedupKey: string
}

/** The user took an authorization back: delete what it gave. */
export interface AuthorizationRevoked extends AuthorizationPush {
  kind: 'user_authorization_revoke'
  revoked: readonly RevokedScope[]
  /** WeChat's own text, for the log. */
  revokeInfo: string
  /** When it was given to a plugin inside the mini program. */
  plugin?: { appid: string; openpid?: string }
}

/** The user closed the account: erase their personal data. */
export interface AuthorizationCancelled extends AuthorizationPush {
  kind: 'user_authorization_cancellation'
}

/** WeChat cleaned the user's nickname or avatar: yours may be what it found wrong. */
export interface UserInfoModified extends AuthorizationPush {
  kind: 'user_info_modified'
}

/** Everything else WeChat pushes: messages, other events, the check of a configuration. */
export interface OtherPush {
  kind: 'other'
  /** `event`, `text`, `image` …; empty when it had none. */
  msgType: string
  /** With `msgType` `event`: which one. */
  event?: string
  /** As parsed; from XML all values are texts, lists and objects. */
  fields: Fields
}

/** What WeChat pushes, told apart by `kind`. */
export type PushEvent = AuthorizationRevoked | AuthorizationCancelled | UserInfoModified | OtherPush

/**
 * Gives the fields of a push their types.
 *
 * @throws WechatError `UNREADABLE` a known event without openid, appid or time
 */
export function toEvent(fields: Fields): PushEvent {
  const event = textOf(fields.Event)
  switch (event) {
    case 'user_authorization_revoke': {
      const revokeInfo = textOf(fields.RevokeInfo) ?? ''
      const plugin = pluginOf(fields)
      const revoked = parseRevokeInfo(revokeInfo)
      return { kind: event, ...authorizationOf(event, fields), revoked, revokeInfo, ...(plugin && { plugin }) }
    }
    case 'user_authorization_cancellation':
    case 'user_info_modified':
      return { kind: event, ...authorizationOf(event, fields) }
    default: {
      const msgType = (textOf(fields.MsgType) ?? '').toLowerCase()
      return { kind: 'other', msgType, ...(event !== undefined && { event }), fields }
    }
  }
}

function authorizationOf(event: string, fields: Fields): AuthorizationPush {
  const [openid, unionid, appid] = [fields.OpenID, fields.UnionID, fields.AppID].map(textOf)
  const seconds = textOf(fields.CreateTime) ?? ''
  if (!openid) throw unreadablePush(`${event} has no OpenID`)
  if (!appid) throw unreadablePush(`${event} has no AppID`)
  if (!/^\d{1,12}$/.test(seconds)) throw unreadablePush(`${event} has no CreateTime`)
  const createdAt = new Date(Number(seconds) * 1000)
  // What was revoked is part of it: two things may be taken back within one second.
  const dedupKey = [appid, openid, event, seconds, textOf(fields.RevokeInfo), textOf(fields.PluginID)].join(':')
  return { openid, ...(unionid && { unionid }), appid, createdAt, dedupKey }
}

function pluginOf(fields: Fields): AuthorizationRevoked['plugin'] {
  const [appid, openpid] = [fields.PluginID, fields.OpenPID].map(textOf)
  return appid ? { appid, ...(openpid && { openpid }) } : undefined
}

/** A text, or a number as one; `undefined` for anything else. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value.trim() : undefined
}
