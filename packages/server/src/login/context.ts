import type { Language } from '@mplogin/contract'

/** What a use case knows of the request around it. */
export interface RequestContext {
  /** For texts that are stored, such as a new user's nickname. */
  readonly language: Language
  /** The caller's address, shortened to its network. */
  readonly address?: string | undefined
  /** A label of the device. */
  readonly device?: string | undefined
  /** Random, from the client: makes a repeated login the same login. */
  readonly idempotencyKey?: string | undefined
}

/** Who calls, told by a verified access token of a session that lives. */
export interface Caller {
  readonly accountId: string
  readonly sessionId: string
  readonly appid: string
}
