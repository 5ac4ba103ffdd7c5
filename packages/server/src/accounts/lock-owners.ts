import type { Tx } from '../store/database.js'
import { RaceLostError } from '../store/failure-kind.js'
import { hasRivals } from '../store/locks.js'
import { findOwners, type Owners } from './find-owners.js'
import type { Claim } from './identity.js'

/**
 * Reads the owners of the claims and holds them still: whoever else links, merges or deletes them waits until this
 * transaction ends. Claims that nobody owns cannot be held; the unique index decides who gets them.
 *
 * @throws RaceLostError when an owner changed between the reading and the holding: the transaction begins again
 */
export async function lockOwners(tx: Tx, claims: readonly Claim[], now: Date, alsoId?: string): Promise<Owners> {
  const found = await findOwners(tx, claims, now, alsoId)
  if (found.owners.length === 0 || !hasRivals(tx)) return assertPresent(found)
  const ids = found.owners.map(owner => owner.id)
  await lockAccounts(tx, ids)
  const held = await findOwners(tx, claims, now, alsoId)
  if (held.owners.map(owner => owner.id).join() !== ids.join()) {
    throw new RaceLostError('the owners of the claims changed')
  }
  return assertPresent(held)
}

/** Holds accounts still, in the order of their ids, so that two transactions never wait for each other. */
export async function lockAccounts(tx: Tx, ids: readonly string[]): Promise<void> {
  if (!hasRivals(tx)) return
  await tx.selectFrom('accounts').select('id').where('id', 'in', ids).orderBy('id').forUpdate().execute()
}

/** Tells whoever read these accounts before that what proves them has changed. */
export async function raiseVersions(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx
    .updateTable('accounts')
    .set(eb => ({ version: eb('version', '+', 1) }))
    .where('id', 'in', ids)
    .execute()
}

/** A tombstone owns nothing: the signed-in account became one since its session was read. */
function assertPresent(found: Owners): Owners {
  if (found.owners.some(({ status }) => status === 'merged' || status === 'deleted')) {
    throw new RaceLostError('an owner was merged or deleted')
  }
  return found
}
