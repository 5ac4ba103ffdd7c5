import { createKnownTokens, isVerifyError, verifyToken } from '@mplogin/verify'
import { type CryptoKey, errors } from 'jose'
import { v7 as uuidv7 } from 'uuid'
import type { Clock } from '../clock.js'
import { secondMs } from '../clock.js'
import { LoginError } from '../errors.js'
import type { SigningKeys } from './signing-keys.js'

/** What an access token tells a business back end. */
export interface AccessClaims {
  /** The account (`sub`). */
  readonly accountId: string
  /** The session (`sid`). */
  readonly sessionId: string
  readonly appid: string
}

/**
 * Access tokens: JWT of the type `at+jwt` (RFC 9068), with `iss aud sub sid appid iat exp jti`.
 */
export function createAccessTokens(deps: {
  keys: SigningKeys
  issuer: string
  audience: string
  ttlSeconds: number
  clock: Clock
}) {
  const { keys, issuer, audience, ttlSeconds, clock } = deps
  const known = createKnownTokens()

  async function getKey({ kid, alg }: { kid?: string; alg?: string }): Promise<CryptoKey> {
    const key = kid === undefined ? undefined : await keys.findPublicKey(kid)
    if (!key || key.alg !== alg) throw new errors.JWKSNoMatchingKey()
    return key.publicKey
  }

  return {
    /**
     * Signs a token that ends after the configured time, or with its session when that is sooner.
     *
     * @returns the token, and the seconds until it ends
     */
    async issue(
      { accountId, sessionId, appid }: AccessClaims,
      sessionExpiresAt: Date,
    ): Promise<{ token: string; expiresInSeconds: number }> {
      const iat = Math.floor(clock().getTime() / secondMs)
      const exp = Math.min(iat + ttlSeconds, Math.floor(sessionExpiresAt.getTime() / secondMs))
      const claims = { iss: issuer, aud: audience, sub: accountId, sid: sessionId, appid, iat, exp, jti: uuidv7() }
      const token = await keys.current().sign(claims)
      return { token, expiresInSeconds: exp - iat }
    },

    /**
     * What a token of ours says. Whether its session still lives is not asked here.
     *
     * @throws LoginError TOKEN_EXPIRED ours, but over · UNAUTHENTICATED anything else
     */
    async verify(token: string): Promise<AccessClaims> {
      try {
        const account = await verifyToken(token, {
          issuer,
          audience,
          getKey,
          clockToleranceSeconds: 0,
          now: clock(),
          known,
        })
        return { accountId: account.id, sessionId: account.sessionId, appid: account.appid }
      } catch (error) {
        if (isVerifyError(error)) throw new LoginError(error.code, error.message)
        throw error
      }
    },
  }
}

export type AccessTokens = ReturnType<typeof createAccessTokens>
