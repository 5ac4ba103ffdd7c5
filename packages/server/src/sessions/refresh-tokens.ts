import type { Keyring } from '../keyring.js'

/** What a refresh token says: the session, and which rotation of it this is. */
export interface RefreshClaim {
  readonly sessionId: string
  readonly generation: number
}

/**
 * Refresh tokens are `sessionId.generation.mac`: nothing secret is stored, the mac proves that we gave it.
 * One session and generation always give the same token, so that a lost answer can be given again.
 */
export function createRefreshTokens(keyring: Keyring) {
  return {
    /** The token of a session's generation. */
    issue({ sessionId, generation }: RefreshClaim): string {
      const text = `${sessionId}.${generation}`
      return `${text}.${keyring.hash('refresh-token', text)}`
    },
    /** What a token says, or undefined when we never gave it. */
    parse(token: string): RefreshClaim | undefined {
      const match = /^([0-9a-f-]{36})\.(\d{1,9})\.([\w-]{43})$/.exec(token)
      if (!match) return undefined
      const [, sessionId = '', generation = '', mac = ''] = match
      if (!keyring.matches('refresh-token', `${sessionId}.${generation}`, mac)) return undefined
      return { sessionId, generation: Number(generation) }
    },
  }
}

export type RefreshTokens = ReturnType<typeof createRefreshTokens>
