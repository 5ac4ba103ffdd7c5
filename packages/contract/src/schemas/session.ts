import { type Static, Type } from 'typebox'
import { Instant } from './common.js'

export const Session = Type.Object({
  id: Type.String({ description: "The access token's sid" }),
  current: Type.Boolean({ description: 'Whether this request was made with it' }),
  appid: Type.String(),
  device: Type.Union([Type.String(), Type.Null()]),
  address: Type.Union([Type.String(), Type.Null()], { description: 'Shortened to its network' }),
  createdAt: Instant,
  lastSeenAt: Instant,
  expiresAt: Instant,
})

export const SessionsAnswer = Type.Object({ sessions: Type.Array(Session) })

export const SessionParams = Type.Object({ id: Type.String({ maxLength: 64, pattern: '^[\\w-]+$' }) })

export type Session = Static<typeof Session>
export type SessionsAnswer = Static<typeof SessionsAnswer>
