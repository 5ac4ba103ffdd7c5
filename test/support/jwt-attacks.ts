import type { Attack } from './jwt-attacks/attack.js'
import { contentAttacks } from './jwt-attacks/contents.js'
import { keyAttacks } from './jwt-attacks/keys.js'
import { shapeAttacks } from './jwt-attacks/shapes.js'
import { mirrored, signatureAttacks } from './jwt-attacks/signatures.js'
import type { Algorithm, TokenWorld } from './jwt-forge.js'

const attacks: readonly Attack[] = [...keyAttacks, ...contentAttacks, ...shapeAttacks, ...signatureAttacks]

/** The attacks on tokens of an algorithm; those that depend on none are tried with ES256. */
export function attacksOn(algorithm: Algorithm): Attack[] {
  return attacks.filter(({ of }) => (of ?? ['ES256']).includes(algorithm))
}

/** Tokens that look unusual and are right, so that a check is not stricter than the standards want it. */
export function unusualTokens({ ours, header, parts, signature }: TokenWorld): Record<string, string> {
  return {
    // RFC 9068, section 4; media types know no case (RFC 2045, section 5.1).
    'typ application/at+jwt': ours({ typ: 'application/at+jwt' }),
    'typ AT+JWT': ours({ typ: 'AT+JWT' }),
    'typ Application/AT+JWT': ours({ typ: 'Application/AT+JWT' }),
    // RFC 7519, section 4.1.3: we are one of those it is meant for.
    'an audience of one, in a list': ours({}, { aud: ['mplogin'] }),
    'an audience of several': ours({}, { aud: ['shop', 'mplogin'] }),
    // RFC 7515, section 4, and RFC 7519, section 4: what is not understood is ignored, unless it is critical.
    'a header parameter that nobody knows': ours({ 'x-later': 1 }),
    'a claim that nobody knows': ours({}, { later: { and: ['more'] } }),
    ...(header.alg === 'ES256' && {
      'the mirrored signature': `${parts.header}.${parts.payload}.${mirrored(signature).toString('base64url')}`,
    }),
  }
}
