import type { Db } from '../store/database.js'
import type { AccountStatus, IdentityKind } from '../store/schema.js'

/** So many of the newest accounts are shown. */
const maxAccounts = 50

/** An account as the demo page draws it. */
export interface AccountOverview {
  id: string
  nickname: string
  avatar: string
  status: AccountStatus
  createdAt: string
  lastSeenAt: string
  mergedInto: string | null
  identities: { kind: IdentityKind; scope: string; label: string; createdAt: string }[]
  /** Live sessions. */
  sessions: number
}

/** The newest accounts with what proves them, masked. */
export async function listAccounts(db: Db, maskPhone: (sealed: string) => string): Promise<AccountOverview[]> {
  const accounts = await db
    .selectFrom('accounts')
    .selectAll()
    .where('status', '!=', 'deleted')
    .orderBy('created_at', 'desc')
    .limit(maxAccounts)
    .execute()
  const ids = accounts.map(account => account.id)
  if (ids.length === 0) return []
  const identities = await db
    .selectFrom('identities')
    .selectAll()
    .where('account_id', 'in', ids)
    .orderBy('created_at')
    .execute()
  const sessions = await db
    .selectFrom('sessions')
    .select(eb => ['account_id', eb.fn.countAll<number>().as('count')])
    .where('account_id', 'in', ids)
    .where('revoked_at', 'is', null)
    .groupBy('account_id')
    .execute()
  return accounts.map(account => ({
    id: account.id,
    nickname: account.nickname,
    avatar: account.avatar,
    status: account.status,
    createdAt: new Date(account.created_at).toISOString(),
    lastSeenAt: new Date(account.last_seen_at).toISOString(),
    mergedInto: account.merged_into,
    identities: identities
      .filter(identity => identity.account_id === account.id)
      .map(({ kind, scope, subject, sealed, created_at }) => ({
        kind,
        scope,
        label: sealed === null ? `${subject.slice(0, 4)}…${subject.slice(-4)}` : maskPhone(sealed),
        createdAt: new Date(created_at).toISOString(),
      })),
    sessions: Number(sessions.find(session => session.account_id === account.id)?.count ?? 0),
  }))
}
