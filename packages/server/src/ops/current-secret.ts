import { minuteMs } from '../clock.js'
import type { Keyring } from '../keyring.js'
import type { Database, Db, Tx } from '../store/database.js'
import { DatabaseUnavailableError, RaceLostError } from '../store/failure-kind.js'
import { awaitTurn } from '../store/locks.js'

/** MPLOGIN_SECRET does not name every secret that the database is written under. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
}

/** Instances learn within this time that the secret was replaced. */
const followEveryMs = minuteMs

/**
 * Which secret the database is written under is the database's to say, so that all instances agree while the secret is
 * being replaced: the first one that an empty database met, and another after `mplogin keys reencrypt`.
 *
 * @throws SecretError
 */
export async function openCurrentSecret(database: Database, keyring: Keyring, now: Date): Promise<void> {
  const known = await readSecrets(database.db)
  const current = known.find(secret => secret.is_current === 1)?.id ?? (await rememberFirst(database, keyring, now))
  if (!keyring.use(current)) {
    throw new SecretError(
      'MPLOGIN_SECRET is not the one this database was made with; to replace it, name the new one and the old one, separated by a comma',
    )
  }
  if (known.some(({ id }) => !keyring.has(id))) {
    throw new SecretError(
      'some phones are stored under a former secret that MPLOGIN_SECRET does not name: name it too, after a comma, until `mplogin keys reencrypt` has finished',
    )
  }
}

async function rememberFirst(database: Database, keyring: Keyring, now: Date): Promise<string> {
  return database.transact(async tx => {
    const sibling = await readCurrentId(tx)
    if (sibling !== undefined) return sibling
    const row = { id: keyring.firstId, is_current: 1, created_at: now.getTime() }
    await tx.insertInto('secrets').values(row).execute()
    return row.id
  })
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

/**
 * Keeps the keyring at the database's secret, for what is made without asking the database, such as refresh tokens:
 * soon after the secret was replaced nothing new is made under the former one. Returns the stop.
 */
export function followCurrentSecret(
  database: Database,
  keyring: Keyring,
  onError: (error: unknown) => void,
): () => void {
  const follow = async () => {
    const id = await readCurrentId(database.db)
    if (id !== undefined && !keyring.use(id))
      throw new SecretError('the database moved on to a secret that MPLOGIN_SECRET does not name')
  }
  const timer = setInterval(() => follow().catch(onError), followEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Makes the first secret of MPLOGIN_SECRET the database's, once every transaction that holds the former has ended. */
export async function switchSecret(database: Database, keyring: Keyring, now: Date): Promise<void> {
  await database.transact(async tx => {
    await awaitTurn(tx, 'secrets')
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

/** Nothing is stored under former secrets any more: from now on an instance starts without them. */
export async function forgetFormerSecrets(database: Database): Promise<void> {
  await database.runStatement(db => db.deleteFrom('secrets').where('is_current', 'is', null).execute())
}

function readSecrets(db: Db) {
  return db.selectFrom('secrets').select(['id', 'is_current']).execute()
}

async function readCurrentId(db: Db): Promise<string | undefined> {
  const row = await db.selectFrom('secrets').select('id').where('is_current', '=', 1).executeTakeFirst()
  return row?.id
}
