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
  const owning = accounts.filter(
    ({ id, identities }) => id === alsoId || identities.some(identity => claims.some(claim => isOf(claim, identity))),
  )
  return toOwners(owning, claims)
}

/** As findOwners, of the claims of many requests: still one query. */
export async function findOwnersOfMany(
  db: Db,
  requests: readonly { readonly claims: readonly Claim[]; readonly now: Date }[],
): Promise<Owners[]> {
  const latest = Math.max(...requests.map(({ now }) => now.getTime()))
  const wanted = requests.map(({ claims }) => wantedOf(claims))
  const given = give(wanted.flat())
  const { rows } = await selectOwnersOnce(db, given.json, given.count, latest)
  const accounts = indexByIdentity(toAccounts(rows))
  return requests.map(({ claims }, i) => toOwners(accountsOf(wanted[i] ?? [], accounts), claims))
}

/** What the claims may be stored as. */
function wantedOf(claims: readonly Claim[]): Identity[] {
  return claims.flatMap(claim => [claim, ...(claim.aliases ?? [])].map(toIdentity))
}

/** An account with its identities as they are stored. */
type Account = Owner & { readonly identities: Identity[]; readonly profile: { sealedPhone: string | null } }

function toAccounts(rows: readonly OwnerRow[]): Account[] {
  const accounts = new Map<string, Account>()
  for (const row of rows) {
    let account = accounts.get(row.id)
    if (!account) {
      account = toAccount(row)
      accounts.set(row.id, account)
    }
    const { kind, scope, subject } = row
    if (kind === null || scope === null || subject === null) continue
    account.identities.push({ kind, scope, subject })
    if (kind === 'phone') account.profile.sealedPhone = row.sealed
  }
  return [...accounts.values()]
}

function toAccount({ id, status, version, nickname, avatar, ...row }: OwnerRow): Account {
  const createdAt = new Date(row.created_at)
  return {
    id,
    status,
    version,
    createdAt,
    lastSeenAt: new Date(Math.max(row.last_seen_at, row.last_session_at ?? 0)),
    identities: [],
    profile: { id, nickname, avatar, sealedPhone: null, createdAt },
    liveSessions: Number(row.live_sessions),
  }
}

function indexByIdentity(accounts: readonly Account[]): Map<string, Account> {
  const index = new Map<string, Account>()
  for (const account of accounts) {
    for (const identity of account.identities) index.set(identityKey(identity), account)
  }
  return index
}

/** The accounts that hold any of the identities, each once, by id. */
function accountsOf(wanted: readonly Identity[], index: ReadonlyMap<string, Account>): Account[] {
  const found: Account[] = []
  for (const identity of wanted) {
    const account = index.get(identityKey(identity))
    if (account && !found.includes(account)) found.push(account)
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The accounts with their identities under the names of the claims. */
function toOwners(accounts: readonly Account[], claims: readonly Claim[]): Owners {
  const relabel: Relabel[] = []
  if (!claims.some(({ aliases }) => aliases?.length)) return { owners: accounts, relabel }
  const owners = accounts.map(account => ({
    ...account,
    identities: account.identities.map(identity => {
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
