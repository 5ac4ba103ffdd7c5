/** Asks the login server whether a session still lives. */
export interface CertaintyOptions {
  /** The login server's `GET /me`. */
  readonly meUrl: string | URL
  /** How long an answer counts, in seconds. Default 5; 0 asks each time. */
  readonly cacheSeconds?: number
}

/** Options of createVerifier. */
export interface VerifierOptions {
  /** The login server's ISSUER, `mplogin` unless it was changed. */
  readonly issuer: string
  /** The login server's AUDIENCE; one of them, where several are named. */
  readonly audience: string | readonly string[]
  /** Where its public keys are: `https://login.example.com/.well-known/jwks.json`. */
  readonly jwksUri: string | URL
  /** How far the clocks of the two servers may be apart, in seconds, from 0 to 300. Default 5. */
  readonly clockToleranceSeconds?: number
  /** How long the login server may take to answer, in milliseconds. Default 3000. */
  readonly timeoutMs?: number
  /**
   * A revoked session's token is otherwise accepted until it expires, 15 minutes at most. Leave it out where that is soon
   * enough: each token then costs a signature check and no request.
   */
  readonly certainty?: CertaintyOptions
  /** For tests and proxies; the global one by default. */
  readonly fetch?: typeof globalThis.fetch
  readonly clock?: () => Date
}

const maxToleranceSeconds = 300

/**
 * The options, checked and complete.
 *
 * @throws TypeError naming the option and what was expected
 */
export function parseOptions(options: VerifierOptions) {
  const { issuer, audience, clockToleranceSeconds = 5, timeoutMs = 3000, certainty } = options
  if (typeof issuer !== 'string' || issuer === '') throw new TypeError('issuer: expected a text, such as mplogin')
  const audiences = [audience].flat()
  if (audiences.length === 0 || audiences.some(one => typeof one !== 'string' || one === ''))
    throw new TypeError('audience: expected a text, or several, such as mplogin')
  assertRange('clockToleranceSeconds', clockToleranceSeconds, 0, maxToleranceSeconds)
  assertRange('timeoutMs', timeoutMs, 1, 60_000)
  if (certainty) assertRange('certainty.cacheSeconds', certainty.cacheSeconds ?? 0, 0, 900)
  return Object.freeze({
    issuer,
    audience: Object.freeze(audiences),
    jwksUri: parseUrl('jwksUri', options.jwksUri),
    clockToleranceSeconds,
    timeoutMs,
    certainty: certainty && {
      meUrl: parseUrl('certainty.meUrl', certainty.meUrl),
      cacheSeconds: certainty.cacheSeconds ?? 5,
    },
    fetch: options.fetch ?? globalThis.fetch,
    clock: options.clock ?? (() => new Date()),
  })
}

export type ParsedOptions = ReturnType<typeof parseOptions>

function parseUrl(option: string, value: string | URL): URL {
  const url = URL.canParse(String(value)) ? new URL(value) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw new TypeError(`${option}: expected an http or https URL`)
  return url
}

function assertRange(option: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) throw new TypeError(`${option}: expected a number from ${min} to ${max}`)
}
