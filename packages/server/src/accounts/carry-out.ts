import type { Language } from '@mplogin/contract'
import { type AuditEntry, writeAudit } from '../ops/audit.js'
import { publishEvent } from '../ops/outbox.js'
import type { Tx } from '../store/database.js'
import { RaceLostError } from '../store/failure-kind.js'
import { insertAll } from '../store/given-rows.js'
import { attachClaims } from './attach-claims.js'
import { prepareNewcomers } from './create-newcomers.js'
import type { LinkPlan } from './decide-link.js'
import type { Relabel } from './find-owners.js'
import type { AccountHooks } from './hooks.js'
import { type Identity, isIdentity } from './identity.js'
import { raiseVersions } from './lock-owners.js'
import { mergeAccounts } from './merge.js'
import { relabelIdentities } from './relabel.js'

/** What carrying out needs to know of the request. */
export interface CarryOutContext {
  now: Date
  language: Language
  address?: string | undefined
  hooks: AccountHooks
}

/**
 * Carries a plan out within the transaction in which its facts were read. A unique violation means that another
 * request won the race: the caller decides again.
 *
 * @returns the id of the account to sign in to
 */
export async function carryOut(
  tx: Tx,
  plan: LinkPlan,
  relabel: readonly Relabel[],
  context: CarryOutContext,
): Promise<string> {
  const { now, hooks } = context
  await relabelIdentities(tx, relabel)
  const accountId = plan.accountId === 'new' ? await createNewcomer(tx, plan, context) : plan.accountId
  for (const loserId of plan.merge) {
    await mergeAccounts(tx, { survivorId: accountId, loserId, rule: plan.rule, now, hooks })
  }
  for (const identity of plan.release) await releaseIdentity(tx, identity)
  for (const claim of plan.move) await moveIdentity(tx, claim, accountId)
  if (plan.accountId !== 'new') {
    await attachClaims(
      tx,
      plan.attach.map(claim => ({ claim, accountId })),
      now,
    )
    await tx
      .updateTable('accounts')
      .set(eb => ({ last_seen_at: now.getTime(), version: eb('version', '+', 1) }))
      .where('id', '=', accountId)
      .execute()
  }
  const isPhoneChanged = [...plan.attach, ...plan.move].some(claim => claim.kind === 'phone')
  if (plan.accountId !== 'new' && isPhoneChanged) {
    await publishEvent(tx, { type: 'account.phone_changed', accountId, phoneBound: true }, now)
  }
  await writeAudit(tx, now, auditOf(plan, relabel, accountId, context.address))
  return accountId
}

async function createNewcomer(tx: Tx, plan: LinkPlan, context: CarryOutContext): Promise<string> {
  const { now, hooks } = context
  const { profiles, rows } = prepareNewcomers([{ ...context, claims: plan.attach }], plan.rule, now)
  const [profile] = profiles
  if (!profile) throw new Error('no account was created')
  await insertAll(tx, rows)
  await hooks.onAccountCreated?.(tx, { accountId: profile.id })
  return profile.id
}

async function moveIdentity(tx: Tx, identity: Identity, accountId: string): Promise<void> {
  const former = await tx.selectFrom('identities').select('account_id').where(isIdentity(identity)).execute()
  await raiseVersions(
    tx,
    former.map(row => row.account_id),
  )
  const moved = await tx
    .updateTable('identities')
    .set({ account_id: accountId, phone_of: identity.kind === 'phone' ? accountId : null })
    .where(isIdentity(identity))
    .executeTakeFirst()
  assertOne(moved.numUpdatedRows)
}

async function releaseIdentity(tx: Tx, identity: Identity): Promise<void> {
  const released = await tx.deleteFrom('identities').where(isIdentity(identity)).executeTakeFirst()
  assertOne(released.numDeletedRows)
}

function assertOne(rows: bigint): void {
  if (rows !== 1n) throw new RaceLostError('an identity of the plan has changed')
}

function auditOf(
  plan: LinkPlan,
  relabel: readonly Relabel[],
  accountId: string,
  address: string | undefined,
): AuditEntry[] {
  const entry = (action: AuditEntry['action'], detail: AuditEntry['detail'] = {}): AuditEntry => ({
    action,
    actor: 'user',
    accountId,
    address,
    detail: { rule: plan.rule, ...detail },
  })
  return [
    ...plan.merge.map(loserId => entry('account.merged', { loserId })),
    ...plan.release.map(({ kind, scope }) => entry('identity.released', { kind, scope })),
    ...plan.move.map(({ kind, scope }) => entry('identity.moved', { kind, scope })),
    ...relabel.map(({ from, to }) =>
      entry('identity.relabelled', { kind: to.kind, from: from.scope, scope: to.scope }),
    ),
    // A new account's identities are told by its own entry.
    ...(plan.accountId === 'new'
      ? []
      : plan.attach.map(({ kind, scope }) => entry('identity.attached', { kind, scope }))),
  ]
}
