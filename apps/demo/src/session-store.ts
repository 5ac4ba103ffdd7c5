import type { TokenPair, User } from '@mplogin/contract'

/** A login as this page keeps it; each virtual WeChat has its own in each mini program. */
export interface StoredSession {
  readonly accessToken: string
  readonly refreshToken: string
  /** When the access token ends, in milliseconds since 1970. */
  readonly expiresAt: number
  readonly user: User
}

const keyOf = (personId: string, appid: string) => `mplogin-demo:session:${personId}:${appid}`

/** The stored login of a person in an app, if there is one. */
export function loadSession(personId: string, appid: string): StoredSession | undefined {
  const text = localStorage.getItem(keyOf(personId, appid))
  return text === null ? undefined : (JSON.parse(text) as StoredSession)
}

/** Keeps a login, or forgets it. */
export function storeSession(personId: string, appid: string, session: StoredSession | undefined): void {
  if (session) localStorage.setItem(keyOf(personId, appid), JSON.stringify(session))
  else localStorage.removeItem(keyOf(personId, appid))
}

/** The login that a token pair and its user make. */
export function toSession(pair: TokenPair, user: User): StoredSession {
  return {
    accessToken: pair.accessToken,
    refreshToken: pair.refreshToken,
    expiresAt: Date.now() + pair.expiresIn * 1000,
    user,
  }
}
