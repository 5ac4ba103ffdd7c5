import type { ExpressionBuilder } from 'kysely'
import type { Db } from '../store/database.js'
import type { Schema } from '../store/schema.js'
import type { AccountFacts } from './decide-link.js'
import { type Claim, type Identity, isSameIdentity, toIdentity } from './identity.js'
import type { Profile } from './profile.js'

/** An account that owns a claim, as a login needs it. */
export interface Owner extends AccountFacts {
  readonly profile: Profile
  /** Raised by every change of what proves it. */
  readonly version: number
  /** Sessions that live. */
  readonly liveSessions: number
}

/** An identity that is stored under an alias of its claim. */
export interface Relabel {
  readonly from: Identity
  readonly to: Claim
}

/** Who owns the claims. */
export interface Owners {
  readonly owners: readonly Owner[]
  readonly relabel: readonly Relabel[]
}

/**
 * Reads every account that owns one of the claims, and the account `alsoId`, each with all that proves it and all that
 * a login answers: one query, by primary key and by index. An identity found under an alias is told under its claim.
 */
export async function findOwners(db: Db, claims: readonly Claim[], now: Date, alsoId?: string): Promise<Owners> {
  const rows = await selectOwners(db, claims, now, alsoId).execute()
  const owners = new Map<string, Owner & { identities: Identity[]; profile: { sealedPhone: string | null } }>()
  const relabel: Relabel[] = []
  for (const row of rows) {
    const owner = owners.get(row.id) ?? {
      id: row.id,
      status: row.status,
      version: row.version,
      createdAt: new Date(row.created_at),
      lastSeenAt: new Date(Math.max(row.last_seen_at, row.last_session_at ?? 0)),
      identities: [],
      profile: {
        id: row.id,
        nickname: row.nickname,
        avatar: row.avatar,
        sealedPhone: null,
        createdAt: new Date(row.created_at),
      },
      liveSessions: Number(row.live_sessions),
    }
    owners.set(row.id, owner)
    if (row.kind === null || row.scope === null || row.subject === null) continue
    const stored: Identity = { kind: row.kind, scope: row.scope, subject: row.subject }
    const claim = claims.find(({ aliases }) => aliases?.some(alias => isSameIdentity(alias, stored)))
    if (claim) relabel.push({ from: stored, to: claim })
    owner.identities.push(claim ? toIdentity(claim) : stored)
    if (row.kind === 'phone') owner.profile.sealedPhone = row.sealed
  }
  return { owners: [...owners.values()], relabel }
}

/** The query of findOwners; a test asks every database how it would run it. */
export function selectOwners(db: Db, claims: readonly Claim[], now: Date, alsoId?: string) {
  const owning = db
    .selectFrom('identities')
    .select('account_id as id')
    .where(eb =>
      matchesAny(
        eb,
        claims.flatMap(claim => [claim, ...(claim.aliases ?? [])]),
      ),
    )
  // An account that nothing in the request proves is told too, when it is signed in.
  const all =
    alsoId === undefined
      ? owning.distinct()
      : owning.union(db.selectFrom('accounts').select('id').where('id', '=', alsoId))
  return db
    .selectFrom(all.as('owning'))
    .innerJoin('accounts', 'accounts.id', 'owning.id')
    .leftJoin('identities', 'identities.account_id', 'accounts.id')
    .select([
      'accounts.id',
      'status',
      'version',
      'nickname',
      'avatar',
      'accounts.created_at',
      'accounts.last_seen_at',
      'kind',
      'scope',
      'subject',
      'sealed',
    ])
    .select(eb => [
      eb
        .selectFrom('sessions')
        .select(({ fn }) => fn.max('sessions.last_seen_at').as('at'))
        .whereRef('sessions.account_id', '=', 'accounts.id')
        .as('last_session_at'),
      eb
        .selectFrom('sessions')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .whereRef('sessions.account_id', '=', 'accounts.id')
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now.getTime())
        .as('live_sessions'),
    ])
    .orderBy('accounts.id')
}

function matchesAny(eb: ExpressionBuilder<Schema, 'identities'>, identities: readonly Identity[]) {
  return eb.or(identities.map(({ kind, scope, subject }) => eb.and({ kind, scope, subject })))
}
