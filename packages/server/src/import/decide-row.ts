import { type Claim, type Identity, isSameIdentity } from '../accounts/identity.js'
import type { AccountStatus } from '../store/schema.js'

/** An account that a row may be about. */
export interface RowOwner {
  readonly id: string
  readonly status: AccountStatus
  readonly identities: readonly Identity[]
}

/** Why a row is left for a person to decide. */
export const conflictReasons = [
  'several_accounts',
  'other_id',
  'other_phone',
  'other_openid',
  'other_unionid',
  'account_disabled',
  'account_merged',
  'account_deleted',
] as const
export type ConflictReason = (typeof conflictReasons)[number]

/** What becomes of a row. */
export type RowDecision =
  | { readonly kind: 'create' }
  | { readonly kind: 'link'; readonly accountId: string; readonly attach: readonly Claim[] }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'conflict'; readonly reason: ConflictReason; readonly accountIds: readonly string[] }

/**
 * Decides what becomes of a row: a new account, an addition to the one account that has some of it, nothing, or a
 * question. An import never merges accounts, never replaces what an account has, and never moves an identity.
 *
 * @param owners every account that has one of the claims, and the one whose id the row names
 */
export function decideRow(
  row: { readonly id: string | undefined; readonly claims: readonly Claim[] },
  owners: readonly RowOwner[],
): RowDecision {
  const [owner] = owners
  if (!owner) return { kind: 'create' }
  const conflict = (reason: ConflictReason): RowDecision => {
    return { kind: 'conflict', reason, accountIds: owners.map(account => account.id) }
  }
  if (owners.length > 1) return conflict('several_accounts')
  if (owner.status !== 'active') return conflict(`account_${owner.status}`)
  if (row.id !== undefined && row.id !== owner.id) return conflict('other_id')
  const attach = row.claims.filter(claim => !owner.identities.some(own => isSameIdentity(own, claim)))
  const taken = attach.find(claim => owner.identities.some(own => own.kind === claim.kind && own.scope === claim.scope))
  if (taken) return conflict(`other_${taken.kind}`)
  return attach.length === 0 ? { kind: 'unchanged' } : { kind: 'link', accountId: owner.id, attach }
}
