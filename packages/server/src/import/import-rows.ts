import type { Language } from '@mplogin/contract'
import type { ExpressionBuilder } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { attachClaims } from '../accounts/attach-claims.js'
import { createAccounts } from '../accounts/create-accounts.js'
import { type Claim, type Identity, identityKey } from '../accounts/identity.js'
import { lockAccounts } from '../accounts/lock-owners.js'
import { phoneClaim } from '../accounts/phone-number.js'
import { randomNickname } from '../accounts/profile.js'
import type { Keyring } from '../keyring.js'
import { type AuditEntry, writeAudit } from '../ops/audit.js'
import { publishEvent } from '../ops/outbox.js'
import type { Db, Tx } from '../store/database.js'
import type { Schema } from '../store/schema.js'
import type { ImportRow } from './columns.js'
import { type ConflictReason, decideRow } from './decide-row.js'
import { createRowOwners, type RowOwners } from './row-owners.js'

/** What an import needs besides the rows. */
export interface ImportContext {
  readonly keyring: Keyring
  /** Of each app, the platform of its unionids, and what it was called before. */
  readonly platformOf: (appid: string) => { readonly platform: string; readonly formerPlatforms: readonly string[] }
  readonly language: Language
  readonly now: Date
}

/** A row that was left for a person to decide. */
export interface RowConflict {
  readonly line: number
  readonly reason: ConflictReason
  /** The accounts that are there already. */
  readonly accountIds: readonly string[]
}

/** What became of rows. */
export interface RowCounts {
  readonly created: number
  readonly linked: number
  readonly unchanged: number
  readonly conflicts: readonly RowConflict[]
}

/** A row with its claims, and the id of the account that it becomes if there is none. */
interface ClaimedRow extends ImportRow {
  readonly claims: readonly Claim[]
  readonly newId: string
}

/** Imports rows within a transaction. A unique violation means that somebody signed in meanwhile: it begins again. */
export async function importRows(tx: Tx, rows: readonly ImportRow[], context: ImportContext): Promise<RowCounts> {
  const claimed = rows.map(row => ({ ...row, claims: claimsOf(row, context), newId: row.id ?? uuidv7() }))
  const owners = await readOwners(tx, claimed)
  const created: ClaimedRow[] = []
  const attach: { claim: Claim; accountId: string }[] = []
  const conflicts: RowConflict[] = []
  let [linked, unchanged] = [0, 0]
  for (const row of claimed) {
    const decision = decideRow(row, owners.of(row))
    switch (decision.kind) {
      case 'create':
        created.push(row)
        // A later row may be the same person in another app.
        owners.add({ id: row.newId, status: 'active', identities: row.claims })
        break
      case 'link':
        linked++
        for (const claim of decision.attach) attach.push({ claim, accountId: decision.accountId })
        owners.attach(decision.accountId, decision.attach)
        break
      case 'unchanged':
        unchanged++
        break
      case 'conflict':
        conflicts.push({ line: row.line, reason: decision.reason, accountIds: decision.accountIds })
    }
  }
  await createAccounts(
    tx,
    created.map(row => ({
      id: row.newId,
      nickname: row.nickname ?? randomNickname(context.language),
      avatar: row.avatar,
      createdAt: row.createdAt ?? context.now,
      lastSeenAt: row.lastSeenAt ?? context.now,
      claims: row.claims,
    })),
    context.now,
  )
  await attachClaims(tx, attach, context.now)
  await writeAudit(tx, context.now, attach.map(toAudit))
  for (const { claim, accountId } of attach) {
    if (claim.kind !== 'phone') continue
    await publishEvent(tx, { type: 'account.phone_changed', accountId, phoneBound: true }, context.now)
  }
  return { created: created.length, linked, unchanged, conflicts }
}

function toAudit({ claim: { kind, scope }, accountId }: { claim: Claim; accountId: string }): AuditEntry {
  return { action: 'identity.attached', actor: 'admin', accountId, detail: { rule: 'import', kind, scope } }
}

function claimsOf({ phone, appid, openid, unionid }: ImportRow, { keyring, platformOf }: ImportContext): Claim[] {
  const { platform, formerPlatforms } = platformOf(appid)
  return [
    ...(phone === undefined ? [] : [phoneClaim(keyring, phone)]),
    ...(openid === undefined ? [] : [{ kind: 'openid', scope: appid, subject: openid } as const]),
    ...(unionid === undefined
      ? []
      : [
          {
            kind: 'unionid' as const,
            scope: platform,
            subject: unionid,
            aliases: formerPlatforms.map(scope => ({ kind: 'unionid', scope, subject: unionid }) as const),
          },
        ]),
  ]
}

/** The accounts that the rows may be about, held still; an identity stored under an alias is told under its claim. */
async function readOwners(tx: Tx, rows: readonly ClaimedRow[]): Promise<RowOwners> {
  const known = createRowOwners()
  const ids = await ownerIds(tx, rows)
  if (ids.length === 0) return known
  await lockAccounts(tx, ids)
  const found = await tx
    .selectFrom('accounts')
    .leftJoin('identities', 'identities.account_id', 'accounts.id')
    .select(['accounts.id', 'status', 'kind', 'scope', 'subject'])
    .where('accounts.id', 'in', ids)
    .execute()
  const claimOf = new Map<string, Claim>()
  for (const claim of rows.flatMap(row => row.claims)) {
    for (const alias of claim.aliases ?? []) claimOf.set(identityKey(alias), claim)
  }
  for (const { id, status, kind, scope, subject } of found) {
    known.add({ id, status, identities: [] })
    if (kind === null || scope === null || subject === null) continue
    const stored = { kind, scope, subject }
    known.attach(id, [claimOf.get(identityKey(stored)) ?? stored])
  }
  return known
}

async function ownerIds(db: Db, rows: readonly ClaimedRow[]): Promise<string[]> {
  const identities = rows.flatMap(row => row.claims.flatMap(claim => [claim, ...(claim.aliases ?? [])]))
  const owning = await db
    .selectFrom('identities')
    .select('account_id as id')
    .distinct()
    .where(eb => isOneOf(eb, identities))
    .execute()
  const named = rows.flatMap(row => row.id ?? [])
  const existing =
    named.length === 0 ? [] : await db.selectFrom('accounts').select('id').where('id', 'in', named).execute()
  return [...new Set([...owning, ...existing].map(row => row.id))]
}

/** One `in` for each kind and scope: a condition for each identity would be slow to plan. */
function isOneOf(eb: ExpressionBuilder<Schema, 'identities'>, identities: readonly Identity[]) {
  const subjects = new Map<string, Identity[]>()
  for (const identity of identities) {
    const slot = `${identity.kind} ${identity.scope}`
    subjects.set(slot, [...(subjects.get(slot) ?? []), identity])
  }
  return eb.or(
    [...subjects.values()].map(group =>
      eb.and([
        eb('kind', '=', group[0]?.kind ?? 'phone'),
        eb('scope', '=', group[0]?.scope ?? ''),
        eb(
          'subject',
          'in',
          group.map(identity => identity.subject),
        ),
      ]),
    ),
  )
}
