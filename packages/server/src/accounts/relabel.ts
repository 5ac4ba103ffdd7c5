import type { Tx } from '../store/database.js'
import type { Relabel } from './find-owners.js'
import { type Identity, isIdentity, isSameIdentity } from './identity.js'
import type { MovedByMerge } from './merge.js'

/** Stores identities under their claims' names of today; one that is stored under both keeps today's. */
export async function relabelIdentities(tx: Tx, relabels: readonly Relabel[]): Promise<void> {
  if (relabels.length === 0) return
  const stored = await tx
    .selectFrom('identities')
    .select(['kind', 'scope', 'subject', 'account_id'])
    .where(eb => eb.or(relabels.flatMap(({ from, to }) => [isIdentity(from)(eb), isIdentity(to)(eb)])))
    .execute()
  const renamed: Relabel[] = []
  const accountIds = new Set<string>()
  for (const { from, to } of relabels) {
    const row = stored.find(identity => isSameIdentity(identity, from))
    if (!row) continue
    if (stored.some(identity => isSameIdentity(identity, to))) {
      await tx.deleteFrom('identities').where(isIdentity(from)).execute()
      continue
    }
    const { scope, subject, sealed } = to
    const set = { scope, subject, ...(sealed !== undefined && { sealed }) }
    await tx.updateTable('identities').set(set).where(isIdentity(from)).execute()
    renamed.push({ from, to })
    accountIds.add(row.account_id)
  }
  if (accountIds.size > 0) await relabelInMerges(tx, [...accountIds], renamed)
}

/** What merges remember of identities, so that they can still be undone. */
async function relabelInMerges(tx: Tx, accountIds: readonly string[], renamed: readonly Relabel[]): Promise<void> {
  const merges = await tx
    .selectFrom('merges')
    .select(['id', 'moved'])
    .where('survivor_id', 'in', accountIds)
    .where('moved', 'is not', null)
    .execute()
  for (const { id, moved } of merges) {
    const parsed = JSON.parse(moved ?? '') as MovedByMerge
    const identities = parsed.identities.map(identity => nameToday(identity, renamed))
    await tx
      .updateTable('merges')
      .set({ moved: JSON.stringify({ ...parsed, identities }) })
      .where('id', '=', id)
      .execute()
  }
}

function nameToday(identity: Identity, renamed: readonly Relabel[]): Identity {
  const found = renamed.find(({ from }) => isSameIdentity(from, identity))
  return found ? { kind: found.to.kind, scope: found.to.scope, subject: found.to.subject } : identity
}
