import type { Tx } from '../store/database.js'
import type { Relabel } from './find-owners.js'
import { identityKey, isIdentity } from './identity.js'

/** Stores identities under their claims' names of today; one that is stored under several names keeps one row. */
export async function relabelIdentities(tx: Tx, relabels: readonly Relabel[]): Promise<void> {
  if (relabels.length === 0) return
  const rows = await tx
    .selectFrom('identities')
    .select(['kind', 'scope', 'subject'])
    .where(eb => eb.or(relabels.flatMap(({ from, to }) => [isIdentity(from)(eb), isIdentity(to)(eb)])))
    .execute()
  const stored = new Set(rows.map(identityKey))
  for (const { from, to } of relabels) {
    if (!stored.has(identityKey(from))) continue
    if (stored.has(identityKey(to))) {
      await tx.deleteFrom('identities').where(isIdentity(from)).execute()
      continue
    }
    const { scope, subject, sealed } = to
    const set = { scope, subject, ...(sealed !== undefined && { sealed }) }
    await tx.updateTable('identities').set(set).where(isIdentity(from)).execute()
    stored.add(identityKey(to))
  }
}
