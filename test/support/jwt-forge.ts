import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign } from 'node:crypto'
import { createKeyring } from '@mplogin/server'
import type { Attacker } from './jwt-attacker.js'
import type { System } from './system.js'

export type Algorithm = 'ES256' | 'EdDSA' | 'RS256'

/** A part of a token before it is encoded: an object, or its very text or bytes. */
export type Part = object | string | Buffer

/** What an attacker has: a genuine token, all that is public, and means of their own; and what only a test has beside. */
export type TokenWorld = Awaited<ReturnType<typeof openTokenWorld>>

/**
 * Somebody signs in, and the private key of the server is opened, so that a token can be right in all but one point.
 */
export async function openTokenWorld(system: System, algorithm: Algorithm, attacker: Attacker) {
  const { accessToken: genuine } = (await system.person().login()).body.data
  const [headerPart = '', payloadPart = '', signaturePart = ''] = genuine.split('.')
  const header = decode(headerPart) as { alg: Algorithm; typ: string; kid: string }
  const claims = decode(payloadPart) as Record<string, unknown> & { iat: number; exp: number }
  const rows = await system.database.db.selectFrom('signing_keys').selectAll().orderBy('kid').execute()
  const row = rows.find(({ kid }) => kid === header.kid)
  const text = createKeyring(system.config.secrets).unseal('signing-key', row?.private_sealed ?? '')
  const privateKey = createPrivateKey({ key: JSON.parse(text ?? '{}') as JsonWebKey, format: 'jwk' })

  return {
    algorithm,
    genuine,
    header,
    claims,
    parts: { header: headerPart, payload: payloadPart, signature: signaturePart },
    signature: Buffer.from(signaturePart, 'base64url'),
    /** In seconds, as claims tell it. */
    now: system.clock().getTime() / 1000,
    publicJwk: JSON.parse(row?.public_jwk ?? '{}') as JsonWebKey & Record<string, unknown>,
    publicKey: createPublicKey(privateKey),
    /** The published keys that did not sign the token. */
    otherKids: rows.map(({ kid }) => kid).filter(kid => kid !== header.kid),
    attacker,
    /** A token that the server's own key signed, of a header and claims that differ from the genuine ones. */
    ours: (headerChange: object = {}, claimsChange: object = {}) =>
      seal({ ...header, ...headerChange }, { ...claims, ...claimsChange }, data =>
        signBytes(algorithm, privateKey, data),
      ),
    /** As ours, of any texts or bytes. */
    oursOf: (anyHeader: Part, anyPayload: Part) =>
      seal(anyHeader, anyPayload, data => signBytes(algorithm, privateKey, data)),
    /** A token that the attacker's own key signed (ES256). */
    theirs: (headerChange: object = {}, claimsChange: object = {}) =>
      seal({ ...header, alg: 'ES256', ...headerChange }, { ...claims, ...claimsChange }, data =>
        signBytes('ES256', attacker.privateKey, data),
      ),
    /** The private key of the server, for algorithms that it never uses. */
    privateKey,
  }
}

/** Puts a token together. */
export function seal(header: Part, payload: Part, signed: (data: Buffer) => Buffer): string {
  const text = `${encode(header)}.${encode(payload)}`
  return `${text}.${signed(Buffer.from(text)).toString('base64url')}`
}

/** One part of a token. */
export function encode(part: Part): string {
  const bytes = Buffer.isBuffer(part) || typeof part === 'string' ? part : JSON.stringify(part)
  return Buffer.from(bytes as string).toString('base64url')
}

function decode(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString())
}

function signBytes(algorithm: Algorithm, key: KeyObject, data: Buffer): Buffer {
  if (algorithm === 'EdDSA') return sign(null, data, key)
  return sign('sha256', data, algorithm === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key)
}
