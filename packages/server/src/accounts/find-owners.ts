import { buildOnce } from '../store/build-once.js'
import type { Db } from '../store/database.js'
import { type Given, give, givenTable } from '../store/given-rows.js'
import { outlives } from '../store/outlives.js'
import type { AccountFacts } from './decide-link.js'
import { type Claim, type Identity, identityKey, isSameIdentity, toIdentity } from './identity.js'
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
  const accounts = toAccounts(await selectOwners(db, give(wantedOf(claims)), now.getTime(), alsoId).execute())
  return ownersOf(accounts, claims, alsoId)
}

/** As findOwners, of the claims of many requests: still one query. */
export async function findOwnersOfMany(
  db: Db,
  requests: readonly { readonly claims: readonly Claim[]; readonly now: Date }[],
): Promise<Owners[]> {
  const latest = Math.max(...requests.map(({ now }) => now.getTime()))
  const given = give(requests.flatMap(({ claims }) => wantedOf(claims)))
  const { rows } = await selectOwnersOnce(db, given.json, given.count, latest)
  const accounts = indexByIdentity(toAccounts(rows))
  return requests.map(({ claims }) => {
    const owners = wantedOf(claims).flatMap(identity => accounts.get(identityKey(identity)) ?? [])
    return ownersOf([...new Set(owners)].sort(byId), claims)
  })
}

const byId = (a: Account, b: Account) => (a.id < b.id ? -1 : 1)

function indexByIdentity(accounts: readonly Account[]): Map<string, Account> {
  return new Map(accounts.flatMap(account => account.stored.map(identity => [identityKey(identity), account] as const)))
}

/** What the claims may be stored as. */
function wantedOf(claims: readonly Claim[]): Identity[] {
  return claims.flatMap(claim => [claim, ...(claim.aliases ?? [])].map(toIdentity))
}

/** An account with its identities as they are stored. */
type Account = Omit<Owner, 'identities'> & { readonly stored: Identity[]; readonly profile: Profile }

function toAccounts(rows: readonly OwnerRow[]): Account[] {
  const accounts = new Map<string, Account & { profile: { sealedPhone: string | null } }>()
  for (const row of rows) {
    const account = accounts.get(row.id) ?? {
      id: row.id,
      status: row.status,
      version: row.version,
      createdAt: new Date(row.created_at),
      lastSeenAt: new Date(Math.max(row.last_seen_at, row.last_session_at ?? 0)),
      stored: [],
      profile: {
        id: row.id,
        nickname: row.nickname,
        avatar: row.avatar,
        sealedPhone: null,
        createdAt: new Date(row.created_at),
      },
      liveSessions: Number(row.live_sessions),
    }
    accounts.set(row.id, account)
    const { kind, scope, subject } = row
    if (kind === null || scope === null || subject === null) continue
    account.stored.push({ kind, scope, subject })
    if (kind === 'phone') account.profile.sealedPhone = row.sealed
  }
  return [...accounts.values()]
}

/** Those of the accounts that own one of the claims, and `alsoId`. */
function ownersOf(accounts: readonly Account[], claims: readonly Claim[], alsoId?: string): Owners {
  const relabel: Relabel[] = []
  const owners = accounts
    .filter(({ id, stored }) => id === alsoId || stored.some(identity => claims.some(claim => isOf(claim, identity))))
    .map(({ stored, ...account }) => ({
      ...account,
      identities: stored.map(identity => {
        const claim = claims.find(({ aliases }) => aliases?.some(alias => isSameIdentity(alias, identity)))
        if (claim) relabel.push({ from: identity, to: claim })
        return claim ? toIdentity(claim) : identity
      }),
    }))
  return { owners, relabel }
}

function isOf(claim: Claim, identity: Identity): boolean {
  return [claim, ...(claim.aliases ?? [])].some(one => isSameIdentity(one, identity))
}

type OwnerRow = Awaited<ReturnType<ReturnType<typeof selectOwners>['execute']>>[number]

const identityColumns = { kind: 'text', scope: 'text', subject: 'text' } as const

/** The query of findOwners. */
function selectOwners(db: Db, wanted: Given, nowMs: number, alsoId?: string) {
  const owning = db
    .selectFrom(givenTable<Identity>(db, identityColumns, wanted))
    .innerJoin('identities', join =>
      join
        .onRef('identities.kind', '=', 'given.kind')
        .onRef('identities.scope', '=', 'given.scope')
        .onRef('identities.subject', '=', 'given.subject'),
    )
    .select('account_id as id')
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
        .where(outlives(nowMs))
        .as('live_sessions'),
    ])
    .orderBy('accounts.id')
}

const selectOwnersOnce = buildOnce(3, (db, json: string, count: number, nowMs: number) =>
  selectOwners(db, { json, count }, nowMs).compile(),
)
