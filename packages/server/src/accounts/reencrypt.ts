import { type Keyring, sealPrefix } from '../keyring.js'
import type { Database, Db, Tx } from '../store/database.js'
import type { Relabel } from './find-owners.js'
import { renewPhoneClaim } from './phone-number.js'
import { relabelIdentities } from './relabel.js'

/** Phones renewed in one transaction. */
const batchSize = 200

/** A stored phone. */
interface PhoneRow {
  readonly subject: string
  readonly sealed: string
}

/**
 * Stores every phone under the current secret: its hash and its text. Each batch is a transaction; stopped at any
 * moment, it goes on where it was when it is run again.
 *
 * @param onProgress told after every batch how many of how many phones are done
 * @returns how many were renewed
 */
export async function reencryptPhones(
  database: Database,
  keyring: Keyring,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<number> {
  const total = await database.unhurried(db => countFormer(db, keyring))
  let done = 0
  let after = ''
  onProgress(done, total)
  for (;;) {
    const rows = await readFormer(database.db, keyring, after)
    const last = rows.at(-1)
    if (!last) return done
    await database.transact(tx => renew(tx, keyring, rows))
    after = last.subject
    done += rows.length
    onProgress(Math.min(done, total), total)
  }
}

function formerPhones(db: Db, keyring: Keyring) {
  return db
    .selectFrom('identities')
    .where('kind', '=', 'phone')
    .where('scope', '=', '')
    .where('sealed', 'not like', `${sealPrefix(keyring.currentId())}%`)
}

async function countFormer(db: Db, keyring: Keyring): Promise<number> {
  const row = await formerPhones(db, keyring)
    .select(eb => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** In the order of the primary key, from where the last batch ended. Phones stored meanwhile are under the current secret. */
async function readFormer(db: Db, keyring: Keyring, after: string): Promise<PhoneRow[]> {
  const rows = await formerPhones(db, keyring)
    .select(['subject', 'sealed'])
    .where('subject', '>', after)
    .orderBy('subject')
    .limit(batchSize)
    .execute()
  return rows.map(({ subject, sealed }) => ({ subject, sealed: sealed ?? '' }))
}

async function renew(tx: Tx, keyring: Keyring, rows: readonly PhoneRow[]): Promise<void> {
  // Locked, so that nobody who signs in renews one of them between here and the end.
  const stored = await tx
    .selectFrom('identities')
    .select('subject')
    .where('kind', '=', 'phone')
    .where('scope', '=', '')
    .where(
      'subject',
      'in',
      rows.map(row => row.subject),
    )
    .orderBy('subject')
    .forUpdate()
    .execute()
  // Whoever signed in since the batch was read is renewed already.
  const present = new Set(stored.map(row => row.subject))
  const relabels = rows
    .filter(row => present.has(row.subject))
    .map(({ subject, sealed }) => ({
      from: { kind: 'phone', scope: '', subject } as const,
      to: renewPhoneClaim(keyring, sealed),
    }))
  if (relabels.length === 0) return
  await assertOneOwner(tx, relabels)
  await relabelIdentities(tx, relabels)
}

/** Two accounts with one phone are for a person to decide: renewing would take it from one of them. */
async function assertOneOwner(tx: Tx, relabels: readonly Relabel[]): Promise<void> {
  const taken = await tx
    .selectFrom('identities')
    .select(['subject', 'account_id'])
    .where('kind', '=', 'phone')
    .where('scope', '=', '')
    .where(
      'subject',
      'in',
      relabels.map(({ to }) => to.subject),
    )
    .executeTakeFirst()
  if (taken)
    throw new Error(`the account ${taken.account_id} and another one have the same phone; one of them must give it up`)
}
