import type { Outcome } from '@mplogin/contract'
import type { Generated } from 'kysely'

/*
 * The tables as Kysely types: one schema for every database. Instants are milliseconds since 1970 (bigint columns),
 * JSON is text: the narrowest types that SQLite, PostgreSQL and MySQL agree on.
 */

export type AccountStatus = 'active' | 'disabled' | 'merged' | 'deleted'
export type IdentityKind = 'openid' | 'unionid' | 'phone'
export type RevokedWhy =
  | 'logout'
  | 'logout_everywhere'
  | 'revoked_by_user'
  | 'refresh_reused'
  | 'session_cap'
  | 'account_deleted'
  | 'merge_undone'
  | 'wechat_withdrawn'
export type SigningKeyState = 'next' | 'current' | 'retired'

export interface AccountsTable {
  id: string
  nickname: string
  avatar: string
  status: AccountStatus
  /** The survivor, when this account was merged into another. Never points to a tombstone. */
  merged_into: string | null
  /** Raised by every change of what proves the account, so that what was read before is known to be old. */
  version: Generated<number>
  created_at: number
  /** Not younger than this: a login or a refresh writes its session only (`sessions.last_seen_at`). */
  last_seen_at: number
}

export interface IdentitiesTable {
  /** Names the row where the identity itself would be personal data. */
  id: string
  kind: IdentityKind
  /** openid: the appid; unionid: the Open Platform id, empty when it was not configured; phone: empty. */
  scope: string
  /** openid and unionid as WeChat gave them; of a phone its keyed hash. */
  subject: string
  account_id: string
  /** Of a phone, its encrypted number. */
  sealed: string | null
  /** Of a phone, the account's id again: its unique index allows one phone an account. */
  phone_of: string | null
  created_at: number
}

export interface SessionsTable {
  id: string
  account_id: string
  appid: string
  /** The refresh generation that is current; an older one is a repeat or a theft. */
  generation: number
  rotated_at: number
  /** The last generation that was asked for again late, and how many in a row were. */
  late_generation: Generated<number>
  late_count: Generated<number>
  created_at: number
  last_seen_at: number
  expires_at: number
  revoked_at: number | null
  revoked_why: RevokedWhy | null
  device: string | null
  address: string | null
  /** Keyed hashes of the Idempotency-Key and of the codes of the login that made this session. */
  login_key: string | null
  login_codes: string | null
  login_outcome: Outcome
}

export interface MergesTable {
  id: string
  survivor_id: string
  loser_id: string
  rule: string
  /** JSON of what moved, all of it ids; null once it cannot be undone any more. */
  moved: string | null
  created_at: number
  undone_at: number | null
}

export interface SigningKeysTable {
  kid: string
  state: SigningKeyState
  /** 1 for the current key, else null: its unique index allows one current key. */
  is_current: number | null
  alg: string
  public_jwk: string
  private_sealed: string
  /** Published since then; signing since and until then. */
  created_at: number
  activated_at: number | null
  retired_at: number | null
}

export interface SecretsTable {
  /** Tells secrets apart; the secret itself is nowhere here. */
  id: string
  /** 1 for the one that hashes and texts are written under, else null. */
  is_current: number | null
  created_at: number
}

/** Every Open Platform id that an app was ever configured with. */
export interface AppPlatformsTable {
  appid: string
  platform: string
  is_current: number
  since: number
}

/** How far imports of files have come. */
export interface ImportsTable {
  /** SHA-256 of the file's content and of how it is read. */
  id: string
  /** Rows of the file that are imported, from its beginning. */
  rows_done: number
  created: number
  linked: number
  unchanged: number
  conflicts: number
  /** The run that imports it now: an earlier one that still goes on finds itself replaced, and ends. */
  run: string
  started_at: number
  finished_at: number | null
}

/** Rows of files that were left for a person to decide. */
export interface ImportConflictsTable {
  import_id: string
  line: number
  reason: string
  /** The accounts that are there already, separated by spaces. */
  account_ids: string
}

export interface SpentTicketsTable {
  id: string
  expires_at: number
}

export interface OutboxTable {
  id: string
  type: string
  account_id: string
  payload: string
  created_at: number
  delivered_at: number | null
}

export interface AuditTable {
  id: string
  at: number
  action: string
  account_id: string | null
  /** Who did it: `user`, `system`, `admin`, or `wechat` for what it pushed. */
  actor: string
  address: string | null
  detail: string
}

/** Pictures that people uploaded. */
export interface AvatarsTable {
  /** Of the file: random, and never used twice. */
  name: string
  account_id: string
  /** Null while it is the avatar of the account; 0 or less once it is being removed: not before its negative, again. */
  remove_after: number | null
}

/** WeChat's access token of each app, shared by all instances. */
export interface AccessTokensTable {
  appid: string
  /** JSON of the token and of when it expires, encrypted; null when none was fetched yet. */
  sealed: string | null
  /** Who asks WeChat for another token, and until when nobody else does. */
  lease_holder: string | null
  lease_until: number
}

export interface Schema {
  accounts: AccountsTable
  identities: IdentitiesTable
  sessions: SessionsTable
  merges: MergesTable
  signing_keys: SigningKeysTable
  spent_tickets: SpentTicketsTable
  outbox: OutboxTable
  audit: AuditTable
  secrets: SecretsTable
  app_platforms: AppPlatformsTable
  imports: ImportsTable
  import_conflicts: ImportConflictsTable
  avatars: AvatarsTable
  access_tokens: AccessTokensTable
}

/** Every table of ours. */
export const tableNames = [
  'accounts',
  'identities',
  'sessions',
  'merges',
  'signing_keys',
  'spent_tickets',
  'outbox',
  'audit',
  'secrets',
  'app_platforms',
  'imports',
  'import_conflicts',
  'avatars',
  'access_tokens',
] as const satisfies readonly (keyof Schema)[]
