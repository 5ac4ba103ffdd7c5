import {
  base64url,
  type CryptoKey,
  errors,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import { LRUCache } from 'lru-cache'
import { VerifyError } from './errors.js'

/** Who an access token speaks for. */
export interface Account {
  /** The account (`sub`); stays the same for the life of the account. */
  readonly id: string
  /** The session (`sid`). */
  readonly sessionId: string
  /** The mini program that the person logged in to. */
  readonly appid: string
  readonly issuedAt: Date
  readonly expiresAt: Date
}

/** How a token is checked. */
export interface TokenChecks {
  readonly issuer: string
  readonly audience: string | readonly string[]
  /** The key of a token's header; throws when there is none. */
  readonly getKey: GetKey
  readonly now: Date
  /** How far the clocks of the two servers may be apart. */
  readonly clockToleranceSeconds: number
  /** Tokens whose signature was right before. */
  readonly known?: KnownTokens
}

type GetKey = JWTVerifyGetKey | ((header: { kid?: string; alg?: string }) => Promise<CryptoKey>)

/** What a token said whose signature was right, the key that it was right by, and for whom. */
interface KnownToken extends Pick<TokenChecks, 'issuer' | 'audience'> {
  readonly header: JWTHeaderParameters
  readonly payload: JWTPayload
  readonly key: unknown
}

export type KnownTokens = LRUCache<string, KnownToken>

/** A kilobyte each: a device sends the same token for 15 minutes, and its signature says the same each time. */
const maxKnownTokens = 10_000

/** Makes room for tokens. It serves one issuer and audience well: what was right for others is checked anew. */
export function createKnownTokens(): KnownTokens {
  return new LRUCache({ max: maxKnownTokens })
}

/** The algorithms that mplogin signs with, by setting. */
const algorithms = ['ES256', 'EdDSA', 'RS256']
/** Ours have about 500 characters, with RS256 800; nobody should make us read more. */
const maxTokenCharacters = 4096
const segment = /^[A-Za-z0-9_-]+$/
// A byte order mark and broken UTF-8 are not ours: they fail instead of being repaired.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * What an access token says, if it is one of ours: a JWT of the type `at+jwt` (RFC 9068) with `iss aud sub sid appid iat
 * exp jti`. Whether its session still lives is not asked here.
 *
 * @throws VerifyError UNAUTHENTICATED · TOKEN_EXPIRED ours, but over · and whatever `getKey` throws
 * @see https://www.rfc-editor.org/rfc/rfc8725 best practices
 */
export async function verifyToken(token: string, checks: TokenChecks): Promise<Account> {
  const { getKey, now, clockToleranceSeconds, known, issuer, audience } = checks
  try {
    const found = known?.get(token)
    const former = found?.issuer === issuer && found.audience === audience ? found : undefined
    // The key is asked for each time: what was signed by one that has been withdrawn is refused.
    const isKnown = former && (await (getKey as JWTVerifyGetKey)(former.header, unsigned)) === former.key
    const { payload } = isKnown ? former : await verifySignature(token, checks)
    if (isKnown) assertLasts(payload, now, clockToleranceSeconds)
    return parseClaims(payload, now, clockToleranceSeconds)
  } catch (error) {
    throw asVerifyError(error)
  }
}

/** A key is found by the header alone. */
const unsigned = { payload: '', signature: '' }

async function verifySignature(token: string, checks: TokenChecks): Promise<KnownToken> {
  const { issuer, audience, getKey, now, clockToleranceSeconds } = checks
  if (!isCanonical(token)) throw new VerifyError('UNAUTHENTICATED', 'the access token is not a JWT')
  const { payload, protectedHeader, key } = await jwtVerify(token, getKey as JWTVerifyGetKey, {
    algorithms,
    typ: 'at+jwt',
    issuer,
    audience: [audience].flat() as string[],
    currentDate: now,
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', 'iat', 'jti'],
  })
  // RFC 7797, section 7: payloads of JWT are always encoded. Other extensions that must be understood jose refuses.
  if ('crit' in protectedHeader || 'b64' in protectedHeader)
    throw new VerifyError('UNAUTHENTICATED', 'the access token asks for an extension')
  const verified = { header: protectedHeader, payload, key, issuer, audience }
  checks.known?.set(token, verified)
  return verified
}

/** As jose does, to the second. */
function assertLasts({ exp = 0 }: JWTPayload, now: Date, toleranceSeconds: number): void {
  if (exp <= Math.floor(now.getTime() / 1000) - toleranceSeconds)
    throw new VerifyError('TOKEN_EXPIRED', 'the access token has expired')
}

/**
 * Whether a token is spelled as we spell ours: three segments in the one spelling that base64url has for their bytes, and
 * header and claims in the one that JSON.stringify has for their values. So no name appears twice, and two texts are
 * never one token.
 */
function isCanonical(token: string): boolean {
  if (token.length > maxTokenCharacters) return false
  const [header = '', claims = '', signature = '', ...more] = token.split('.')
  if (more.length > 0 || ![header, claims, signature].every(text => segment.test(text))) return false
  try {
    return respellJson(header) === header && respellJson(claims) === claims && respell(signature) === signature
  } catch {
    return false
  }
}

function respell(text: string): string {
  return base64url.encode(base64url.decode(text))
}

function respellJson(text: string): string {
  return base64url.encode(JSON.stringify(JSON.parse(decoder.decode(base64url.decode(text)))))
}

function parseClaims({ sub, sid, appid, iat = 0, exp = 0 }: JWTPayload, now: Date, toleranceSeconds: number): Account {
  if (!isText(sub) || !isText(sid) || !isText(appid))
    throw new VerifyError('UNAUTHENTICATED', 'a claim of the access token is missing')
  if (iat * 1000 > now.getTime() + toleranceSeconds * 1000)
    throw new VerifyError('UNAUTHENTICATED', 'the access token is of the future')
  const [issuedAt, expiresAt] = [new Date(iat * 1000), new Date(exp * 1000)]
  if (Number.isNaN(issuedAt.getTime() + expiresAt.getTime()))
    throw new VerifyError('UNAUTHENTICATED', 'a time in the access token is no moment that a clock knows')
  return { id: sub, sessionId: sid, appid, issuedAt, expiresAt }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function asVerifyError(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new VerifyError('TOKEN_EXPIRED', 'the access token has expired')
  if (error instanceof errors.JOSEError)
    return new VerifyError('UNAUTHENTICATED', `the access token is not valid: ${error.code}`)
  // A key and a header that do not fit together.
  if (error instanceof TypeError) return new VerifyError('UNAUTHENTICATED', 'the access token is not valid')
  return error
}
