import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { v7 as uuidv7 } from 'uuid'
import type { SigningKeyState } from '../store/schema.js'

/** The signature algorithms of access tokens: https://www.rfc-editor.org/rfc/rfc8725#section-3.1 */
export const signingAlgorithms = ['ES256', 'EdDSA', 'RS256'] as const
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

const rsaBits = 2048

/** A new key pair: its row without the private part, and that part as a text that is still to be sealed. */
export async function createKeyPair(state: SigningKeyState, algorithm: SigningAlgorithm, now: Date) {
  // Before the key, which takes its time: keys made together keep their order.
  const kid = uuidv7()
  const options = { extractable: true, ...(algorithm === 'RS256' && { modulusLength: rsaBits }) }
  const { publicKey, privateKey } = await generateKeyPair(algorithm, options)
  const row = {
    kid,
    state,
    is_current: state === 'current' ? 1 : null,
    alg: algorithm,
    public_jwk: JSON.stringify({ ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' }),
    created_at: now.getTime(),
    activated_at: state === 'current' ? now.getTime() : null,
    retired_at: null,
  }
  return { row, privateText: JSON.stringify(await exportJWK(privateKey)) }
}

export type KeyPair = Awaited<ReturnType<typeof createKeyPair>>

/** A key of a row, ready for use. */
export async function importKey(jwk: string, algorithm: string): Promise<CryptoKey> {
  return (await importJWK(JSON.parse(jwk) as JWK, algorithm)) as CryptoKey
}
