import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import type { Db } from '../store/database.js'
import type { Schema } from '../store/schema.js'
import type { AccountFacts } from './decide-link.js'
import type { Identity } from './identity.js'

/**
 * Reads every account that owns one of the identities, and the account `alsoId`, each with all that proves it:
 * one query, by primary key and by index.
 */
export async function findOwners(db: Db, identities: readonly Identity[], alsoId?: string): Promise<AccountFacts[]> {
  const rows = await db
    .selectFrom('accounts')
    .leftJoin('identities', 'identities.account_id', 'accounts.id')
    .select(['accounts.id', 'status', 'accounts.created_at', 'last_seen_at', 'kind', 'scope', 'subject'])
    .where(eb => {
      const owning = eb(
        'accounts.id',
        'in',
        eb.selectFrom('identities as claimed').select('claimed.account_id').where(matchesAny(identities)),
      )
      return alsoId === undefined ? owning : eb.or([owning, eb('accounts.id', '=', alsoId)])
    })
    .orderBy('accounts.id')
    .execute()

  const owners = new Map<string, AccountFacts & { identities: Identity[] }>()
  for (const row of rows) {
    const owner = owners.get(row.id) ?? {
      id: row.id,
      status: row.status === 'disabled' ? 'disabled' : 'active',
      createdAt: new Date(row.created_at),
      lastSeenAt: new Date(row.last_seen_at),
      identities: [],
    }
    if (row.kind !== null && row.scope !== null && row.subject !== null) {
      owner.identities.push({ kind: row.kind, scope: row.scope, subject: row.subject })
    }
    owners.set(row.id, owner)
  }
  return [...owners.values()]
}

type Claimed = ExpressionBuilder<Schema & { claimed: Schema['identities'] }, 'claimed'>

function matchesAny(identities: readonly Identity[]) {
  return (eb: Claimed): Expression<SqlBool> =>
    eb.or(
      identities.map(({ kind, scope, subject }) =>
        eb.and({ 'claimed.kind': kind, 'claimed.scope': scope, 'claimed.subject': subject }),
      ),
    )
}
