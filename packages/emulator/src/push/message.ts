import { createHash } from 'node:crypto'
import type { World } from '../world/world.js'

/** The events that an app has to act on (facts 6). */
export const pushEvents = [
  'user_authorization_revoke',
  'user_authorization_cancellation',
  'user_info_modified',
] as const
export type PushEvent = (typeof pushEvents)[number]

/** An event to send. */
export interface PushInput {
  readonly userId: string
  readonly event: PushEvent
  readonly appid?: string | undefined
  /** What was taken back: `8` the phone number (default), `6` nickname and avatar, others as WeChat's list has them. */
  readonly revokeInfo?: string | undefined
  /** Instead of the address that the app has set. */
  readonly url?: string | undefined
}

/** A message as WeChat writes it; the names are WeChat's. */
export type PushMessage = Readonly<Record<string, string | number>>

/** What an event says. `FromUserName` and `CreateTime` stay the same over repeats: by them a repeat is told. */
export function writeMessage(world: World, { userId, event, appid, revokeInfo = '8' }: PushInput): PushMessage {
  const app = world.apps.get(appid)
  const person = world.users.get(userId)
  const openid = world.users.openidOf(person, app.appid)
  const unionid = world.users.unionidOf(person, app)
  return {
    ToUserName: originalId(app.appid),
    FromUserName: openid,
    CreateTime: Math.floor(world.now().getTime() / 1000),
    MsgType: 'event',
    Event: event,
    OpenID: openid,
    ...(unionid !== undefined && { UnionID: unionid }),
    AppID: app.appid,
    ...(event === 'user_authorization_revoke' && { RevokeInfo: revokeInfo }),
  }
}

/** The account's other name, `gh_` and 12 hex digits. */
function originalId(appid: string): string {
  return `gh_${createHash('sha256').update(appid).digest('hex').slice(0, 12)}`
}

/** A message in the format that the app has set. Texts are CDATA, numbers are not, as in WeChat's samples. */
export function formatMessage(message: PushMessage, format: 'json' | 'xml'): string {
  if (format === 'json') return JSON.stringify(message)
  const elements = Object.entries(message).map(([name, value]) =>
    typeof value === 'number' ? `<${name}>${value}</${name}>` : `<${name}><![CDATA[${value}]]></${name}>`,
  )
  return `<xml>${elements.join('')}</xml>`
}
