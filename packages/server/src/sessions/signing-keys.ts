import type { JsonWebKey } from 'node:crypto'
import type { CryptoKey, JWK } from 'jose'
import { type Clock, secondMs } from '../clock.js'
import type { Keyring } from '../keyring.js'
import type { Database } from '../store/database.js'
import type { KeyPolicy } from './decide-rotation.js'
import { importKey } from './key-pairs.js'
import { rotateKeys } from './rotate-keys.js'
import { createJwtSigner, type JwtSigner } from './sign-jwt.js'

/** Instances look for new keys, and for what is due, this often; the design promises a minute. */
const lookEveryMs = 30 * secondMs
/** An unknown key id makes us read the keys again, but not more often than this. */
const reloadAtMostEveryMs = 5 * secondMs

/** A key that signs. */
export interface SigningKey {
  readonly kid: string
  readonly alg: string
  readonly sign: JwtSigner
}

/** A key that verifies. */
export interface PublishedKey {
  readonly alg: string
  readonly publicKey: CryptoKey
}

interface LoadedKeys {
  readonly current: SigningKey
  readonly published: ReadonlyMap<string, PublishedKey>
  readonly jwks: { readonly keys: JWK[] }
}

/** What signing keys stand on. */
export interface SigningKeysDeps {
  readonly database: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly policy: KeyPolicy
  /** Told when the database could not be asked; the keys known so far go on. */
  readonly onError?: (error: unknown) => void
}

/**
 * The key pairs that sign access tokens, shared by all instances through the database: `current` signs, `next` is
 * published before it does, `retired` stays published until its last token expired. They rotate by age, or when an
 * operator asks; every instance follows within a minute.
 */
export async function openSigningKeys(deps: SigningKeysDeps) {
  const { database, keyring, clock, onError = () => {} } = deps
  await rotateKeys(deps, 'start', clock())
  let loaded = await loadKeys(database, keyring)
  let loadedAt = clock().getTime()

  async function reload(): Promise<void> {
    loadedAt = clock().getTime()
    loaded = await loadKeys(database, keyring)
  }

  /** Does what is due, and takes over what siblings did. */
  async function look(): Promise<void> {
    await rotateKeys(deps, 'tick', clock())
    await reload()
  }
  const timer = setInterval(() => look().catch(onError), lookEveryMs)
  timer.unref()

  return {
    /** The key that signs now. */
    current: () => loaded.current,
    /** The published keys (RFC 7517). */
    jwks: () => loaded.jwks,
    /** A public key by its id; one that we do not know yet may be a sibling's newest. */
    async findPublicKey(kid: string): Promise<PublishedKey | undefined> {
      if (!loaded.published.has(kid) && Math.abs(clock().getTime() - loadedAt) > reloadAtMostEveryMs) await reload()
      return loaded.published.get(kid)
    },
    look,
    /** Looks no more. */
    close: () => clearInterval(timer),
  }
}

export type SigningKeys = Awaited<ReturnType<typeof openSigningKeys>>

async function loadKeys({ db }: Database, keyring: Keyring): Promise<LoadedKeys> {
  const rows = await db.selectFrom('signing_keys').selectAll().orderBy('created_at').orderBy('kid').execute()
  const currentRow = rows.find(row => row.is_current === 1)
  if (!currentRow) throw new Error('the database has no current signing key')
  const privateText = keyring.unseal('signing-key', currentRow.private_sealed)
  if (privateText === undefined) {
    throw new Error('the signing key cannot be decrypted: MPLOGIN_SECRET is not the one this database was made with')
  }
  const published = new Map<string, PublishedKey>()
  for (const { kid, alg, public_jwk } of rows) {
    published.set(kid, { alg, publicKey: await importKey(public_jwk, alg) })
  }
  const { kid, alg } = currentRow
  return {
    current: { kid, alg, sign: createJwtSigner({ kid, alg, privateJwk: JSON.parse(privateText) as JsonWebKey }) },
    published,
    jwks: { keys: rows.map(row => JSON.parse(row.public_jwk) as JWK) },
  }
}
