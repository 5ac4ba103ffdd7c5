import type { LoginAnswer, Outcome, TokenPair, User } from '@mplogin/contract'
import type { Clock } from '../clock.js'
import { secondMs } from '../clock.js'
import type { AccessTokens } from '../sessions/access-tokens.js'
import type { RefreshTokens } from '../sessions/refresh-tokens.js'
import type { LiveSession } from '../sessions/sessions.js'

/** Makes the answers that carry tokens. */
export function createAnswers(deps: { accessTokens: AccessTokens; refreshTokens: RefreshTokens; clock: Clock }) {
  const { accessTokens, refreshTokens, clock } = deps

  /** The pair of a session's present generation. */
  async function tokenPair(session: LiveSession): Promise<TokenPair> {
    const access = await accessTokens.issue(
      { accountId: session.accountId, sessionId: session.id, appid: session.appid },
      session.expiresAt,
    )
    return {
      accessToken: access.token,
      refreshToken: refreshTokens.issue({ sessionId: session.id, generation: session.generation }),
      tokenType: 'Bearer',
      expiresIn: access.expiresInSeconds,
      refreshExpiresIn: Math.floor((session.expiresAt.getTime() - clock().getTime()) / secondMs),
    }
  }

  async function loginAnswer(login: { user: User; session: LiveSession; outcome: Outcome }): Promise<LoginAnswer> {
    const { user, session, outcome } = login
    return { user, ...(await tokenPair(session)), isNewUser: outcome === 'created', outcome }
  }

  return { tokenPair, loginAnswer }
}

export type Answers = ReturnType<typeof createAnswers>
