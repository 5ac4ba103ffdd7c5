import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'
import { VerifyError } from './errors.js'
import type { ParsedOptions } from './options.js'

/** How long keys are used before they are looked at again: a key that leaked is withdrawn within this time. */
const freshForMs = 10 * 60_000
/** How much longer they are used while the login server cannot be asked. */
const staleForMs = 60 * 60_000
/** After a failure it is not asked again for so long: requests do not wait for a server that does not answer. */
const pauseAfterFailureMs = 10_000

/**
 * The public keys of the login server: fetched when they are first needed, looked at again every ten minutes and when a
 * token names a key that is not among them (at most every 30 seconds). While the server is away the known ones serve on,
 * for an hour.
 */
export function createPublicKeys({
  jwksUri,
  timeoutMs,
  fetch,
}: Pick<ParsedOptions, 'jwksUri' | 'timeoutMs' | 'fetch'>) {
  const remote = createRemoteJWKSet(jwksUri, {
    timeoutDuration: timeoutMs,
    cacheMaxAge: freshForMs,
    [customFetch]: fetch,
  })
  let freshAtMs = Number.NEGATIVE_INFINITY
  let failedAtMs = Number.NEGATIVE_INFINITY

  /** @throws JWKSNoMatchingKey · VerifyError SERVICE_UNAVAILABLE */
  const getKey: JWTVerifyGetKey = async (header, token) => {
    const nowMs = performance.now()
    // A copy of all keys: only where they are needed.
    const findKnown = () => (nowMs - freshAtMs < freshForMs + staleForMs ? remote.jwks() : undefined)
    const paused = nowMs - failedAtMs < pauseAfterFailureMs ? findKnown() : undefined
    if (paused) return createLocalJWKSet(paused)(header, token)
    try {
      const key = await remote(header, token)
      if (remote.fresh) freshAtMs = nowMs
      return key
    } catch (error) {
      if (isNotAmongThem(error)) throw error
      failedAtMs = performance.now()
      const known = findKnown()
      if (known) return createLocalJWKSet(known)(header, token)
      throw new VerifyError('SERVICE_UNAVAILABLE', 'the keys of the login server cannot be had', error)
    }
  }

  return getKey
}

function isNotAmongThem(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys
}
