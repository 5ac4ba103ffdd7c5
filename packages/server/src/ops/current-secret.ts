import type { Keyring } from '../keyring.js'
import type { Database, Db, Tx } from '../store/database.js'
import { DatabaseUnavailableError, RaceLostError } from '../store/failure-kind.js'

/** The database was made with a secret that MPLOGIN_SECRET does not name. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
}

/**
 * Which secret the database is written under is the database's to say, so that all instances agree while the secret is
 * being replaced: the first one that an empty database met, and another after `mplogin keys reencrypt`.
 *
 * @throws SecretError
 */
export async function openCurrentSecret(database: Database, keyring: Keyring, now: Date): Promise<void> {
  const known = await readId(database.db)
  const id =
    known ??
    (await database.transact(async tx => {
      const sibling = await readId(tx)
      if (sibling !== undefined) return sibling
      const row = { id: keyring.firstId, is_current: 1, created_at: now.getTime() }
      await tx.insertInto('secrets').values(row).execute()
      return row.id
    }))
  if (keyring.use(id)) return
  throw new SecretError(
    'MPLOGIN_SECRET is not the one this database was made with; to replace it, name the new one and the old one, separated by a comma',
  )
}

/**
 * Makes the keyring use the database's secret, and holds that still until the transaction ends: what it writes for good
 * (a phone, a signing key) is then found by `keys reencrypt`.
 */
export async function holdCurrentSecret(tx: Tx, keyring: Keyring): Promise<void> {
  const row = await tx.selectFrom('secrets').select('id').where('is_current', '=', 1).forShare().executeTakeFirst()
  // Replaced while we waited for it: the transaction begins again.
  if (!row) throw new RaceLostError('the secret was replaced')
  if (keyring.use(row.id)) return
  throw new DatabaseUnavailableError('the database moved on to a secret that MPLOGIN_SECRET does not name')
}

/** Makes the first secret of MPLOGIN_SECRET the database's, once every transaction that holds the former has ended. */
export async function switchSecret(database: Database, keyring: Keyring, now: Date): Promise<void> {
  await database.transact(async tx => {
    const row = await tx.selectFrom('secrets').select('id').where('is_current', '=', 1).forUpdate().executeTakeFirst()
    if (row?.id === keyring.firstId) return
    await tx.updateTable('secrets').set({ is_current: null }).where('is_current', '=', 1).execute()
    const known = await tx
      .updateTable('secrets')
      .set({ is_current: 1 })
      .where('id', '=', keyring.firstId)
      .executeTakeFirst()
    if (known.numUpdatedRows === 0n) {
      const created = { id: keyring.firstId, is_current: 1, created_at: now.getTime() }
      await tx.insertInto('secrets').values(created).execute()
    }
  })
  keyring.use(keyring.firstId)
}

async function readId(db: Db): Promise<string | undefined> {
  const row = await db.selectFrom('secrets').select('id').where('is_current', '=', 1).executeTakeFirst()
  return row?.id
}
