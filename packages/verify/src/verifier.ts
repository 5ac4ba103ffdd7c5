import { createCertainty } from './certainty.js'
import { VerifyError } from './errors.js'
import { parseOptions, type VerifierOptions } from './options.js'
import { createPublicKeys } from './public-keys.js'
import { type Account, createKnownTokens, verifyToken } from './verify-token.js'

/** Verifies access tokens. */
export interface Verifier {
  /**
   * Who the token speaks for.
   *
   * @throws VerifyError
   */
  verify(token: string): Promise<Account>
  /**
   * As verify, of the value of an `Authorization` header.
   *
   * @throws VerifyError
   */
  verifyHeader(authorization: string | undefined): Promise<Account>
}

/**
 * A verifier of mplogin's access tokens. The public keys are fetched when they are first needed, looked at again every ten
 * minutes and when a token names a key that is not among them; keys rotate without a break. While the login server is away
 * the known ones serve on, for an hour.
 *
 * @throws TypeError for options that cannot be used
 */
export function createVerifier(given: VerifierOptions): Verifier {
  const options = parseOptions(given)
  const { issuer, audience, clockToleranceSeconds, clock } = options
  const certainty = options.certainty && createCertainty(options.certainty, options)
  const getKey = createPublicKeys(options)
  const known = createKnownTokens()

  async function verify(token: string): Promise<Account> {
    const account = await verifyToken(token, { issuer, audience, getKey, clockToleranceSeconds, now: clock(), known })
    await certainty?.assertAlive(token, account.sessionId)
    return account
  }

  return {
    verify,
    async verifyHeader(authorization) {
      const [, token] = /^bearer +([^\s]+)$/i.exec(authorization ?? '') ?? []
      if (token === undefined) throw new VerifyError('UNAUTHENTICATED', 'there is no bearer token')
      return verify(token)
    },
  }
}
