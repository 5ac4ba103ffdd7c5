import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { v7 as uuidv7 } from 'uuid'
import type { Clock } from '../clock.js'
import { secondMs } from '../clock.js'
import { type Keyring, sealPrefix } from '../keyring.js'
import { writeAudit } from '../ops/audit.js'
import { holdCurrentSecret } from '../ops/current-secret.js'
import type { Database, Tx } from '../store/database.js'
import type { SigningKeyState } from '../store/schema.js'

/** The signature algorithm of access tokens. */
export const signingAlgorithm = 'ES256'

/** An unknown key id makes us read the keys again, but not more often than this. */
const reloadAtMostEveryMs = 5 * secondMs

interface LoadedKeys {
  current: { kid: string; privateKey: CryptoKey }
  publicKeys: ReadonlyMap<string, CryptoKey>
  jwks: { keys: JWK[] }
}

/**
 * The key pairs that sign access tokens, shared by all instances through the database: `current` signs, `next` is
 * published before it does, `retired` stays published until its last token expired.
 */
export async function openSigningKeys({
  database,
  keyring,
  clock,
}: {
  database: Database
  keyring: Keyring
  clock: Clock
}) {
  await ensureKeys(database, keyring, clock)
  let loaded = await loadKeys(database, keyring)
  let loadedAt = clock().getTime()

  return {
    /** The key that signs now. */
    current: () => loaded.current,
    /** The published keys (RFC 7517). */
    jwks: () => loaded.jwks,
    /** A public key by its id; one that we do not know yet may be a sibling's newest. */
    async findPublicKey(kid: string): Promise<CryptoKey | undefined> {
      const now = clock().getTime()
      if (!loaded.publicKeys.has(kid) && Math.abs(now - loadedAt) > reloadAtMostEveryMs) {
        loadedAt = now
        loaded = await loadKeys(database, keyring)
      }
      return loaded.publicKeys.get(kid)
    },
  }
}

export type SigningKeys = Awaited<ReturnType<typeof openSigningKeys>>

async function ensureKeys(database: Database, keyring: Keyring, clock: Clock): Promise<void> {
  const count = (tx: Tx) => tx.selectFrom('signing_keys').select('kid').where('is_current', '=', 1).executeTakeFirst()
  if (await database.transact(count)) return
  // Made outside the transaction: generating is slow, and the unique index decides which process's keys stay.
  const pairs = [await createPair('current', clock()), await createPair('next', clock())]
  await database.transact(async tx => {
    if (await count(tx)) return
    await holdCurrentSecret(tx, keyring)
    const rows = pairs.map(({ row, privateText }) => ({
      ...row,
      private_sealed: keyring.seal('signing-key', privateText),
    }))
    await tx.insertInto('signing_keys').values(rows).execute()
    await writeAudit(
      tx,
      clock(),
      rows.map(({ kid, state }) => ({ action: 'key.created', actor: 'system', detail: { kid, state } })),
    )
  })
}

/**
 * Stores the private keys under the current secret.
 *
 * @returns how many were under another
 */
export async function resealSigningKeys(database: Database, keyring: Keyring): Promise<number> {
  return database.transact(async tx => {
    const rows = await tx.selectFrom('signing_keys').select(['kid', 'private_sealed']).execute()
    const former = rows.filter(row => !row.private_sealed.startsWith(sealPrefix(keyring.currentId())))
    for (const { kid, private_sealed } of former) {
      const text = keyring.unseal('signing-key', private_sealed)
      if (text === undefined)
        throw new Error(`the signing key ${kid} is under a secret that MPLOGIN_SECRET does not name`)
      const set = { private_sealed: keyring.seal('signing-key', text) }
      await tx.updateTable('signing_keys').set(set).where('kid', '=', kid).execute()
    }
    return former.length
  })
}

async function createPair(state: SigningKeyState, now: Date) {
  const { publicKey, privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true })
  const kid = uuidv7()
  const row = {
    kid,
    state,
    is_current: state === 'current' ? 1 : null,
    alg: signingAlgorithm,
    public_jwk: JSON.stringify({ ...(await exportJWK(publicKey)), kid, alg: signingAlgorithm, use: 'sig' }),
    created_at: now.getTime(),
  }
  return { row, privateText: JSON.stringify(await exportJWK(privateKey)) }
}

async function loadKeys({ db }: Database, keyring: Keyring): Promise<LoadedKeys> {
  const rows = await db.selectFrom('signing_keys').selectAll().orderBy('created_at').execute()
  const currentRow = rows.find(row => row.is_current === 1)
  if (!currentRow) throw new Error('the database has no current signing key')
  const privateText = keyring.unseal('signing-key', currentRow.private_sealed)
  if (privateText === undefined) {
    throw new Error('the signing key cannot be decrypted: MPLOGIN_SECRET is not the one this database was made with')
  }
  const keys = rows.map(row => JSON.parse(row.public_jwk) as JWK)
  const publicKeys = new Map<string, CryptoKey>()
  for (const [i, row] of rows.entries()) publicKeys.set(row.kid, (await importJWK(keys[i] ?? {}, row.alg)) as CryptoKey)
  return {
    current: {
      kid: currentRow.kid,
      privateKey: (await importJWK(JSON.parse(privateText) as JWK, currentRow.alg)) as CryptoKey,
    },
    publicKeys,
    jwks: { keys },
  }
}
