import type { Language } from '@mplogin/contract'
import { v7 as uuidv7 } from 'uuid'
import { type AuditEntry, writeAudit } from '../ops/audit.js'
import { publishEvent } from '../ops/outbox.js'
import type { Tx } from '../store/database.js'
import type { LinkPlan } from './decide-link.js'
import type { Claim, Identity } from './identity.js'
import { mergeAccounts } from './merge.js'
import { defaultAvatar, randomNickname } from './profile.js'

/** What carrying out needs to know of the request. */
export interface CarryOutContext {
  now: Date
  language: Language
  address?: string | undefined
}

/**
 * Carries a plan out within the transaction in which its facts were read. A unique violation means that another
 * request won the race: the caller decides again.
 *
 * @returns the id of the account to sign in to
 */
export async function carryOut(tx: Tx, plan: LinkPlan, context: CarryOutContext): Promise<string> {
  const accountId = plan.accountId === 'new' ? await createAccount(tx, context) : plan.accountId
  for (const loserId of plan.merge) {
    await mergeAccounts(tx, { survivorId: accountId, loserId, rule: plan.rule, now: context.now })
  }
  for (const identity of plan.release) await releaseIdentity(tx, identity)
  for (const claim of plan.move) await moveIdentity(tx, claim, accountId)
  for (const claim of plan.attach) await attachClaim(tx, claim, accountId, context.now)
  if (plan.accountId !== 'new') {
    await tx.updateTable('accounts').set({ last_seen_at: context.now.getTime() }).where('id', '=', accountId).execute()
  }
  const isPhoneChanged = [...plan.attach, ...plan.move].some(claim => claim.kind === 'phone')
  if (plan.accountId !== 'new' && isPhoneChanged) {
    await publishEvent(tx, { type: 'account.phone_changed', accountId, phoneBound: true }, context.now)
  }
  await writeAudit(tx, context.now, auditOf(plan, accountId, context.address))
  return accountId
}

async function createAccount(tx: Tx, { now, language }: CarryOutContext): Promise<string> {
  const id = uuidv7()
  await tx
    .insertInto('accounts')
    .values({
      id,
      nickname: randomNickname(language),
      avatar: defaultAvatar,
      status: 'active',
      merged_into: null,
      created_at: now.getTime(),
      last_seen_at: now.getTime(),
    })
    .execute()
  await publishEvent(tx, { type: 'account.created', accountId: id }, now)
  return id
}

async function attachClaim(tx: Tx, claim: Claim, accountId: string, now: Date): Promise<void> {
  await tx
    .insertInto('identities')
    .values({
      kind: claim.kind,
      scope: claim.scope,
      subject: claim.subject,
      account_id: accountId,
      sealed: claim.sealed ?? null,
      phone_of: claim.kind === 'phone' ? accountId : null,
      created_at: now.getTime(),
    })
    .execute()
}

async function moveIdentity(tx: Tx, { kind, scope, subject }: Identity, accountId: string): Promise<void> {
  await tx
    .updateTable('identities')
    .set({ account_id: accountId, phone_of: kind === 'phone' ? accountId : null })
    .where(eb => eb.and({ kind, scope, subject }))
    .execute()
}

async function releaseIdentity(tx: Tx, { kind, scope, subject }: Identity): Promise<void> {
  await tx
    .deleteFrom('identities')
    .where(eb => eb.and({ kind, scope, subject }))
    .execute()
}

function auditOf(plan: LinkPlan, accountId: string, address: string | undefined): AuditEntry[] {
  const entry = (action: AuditEntry['action'], detail: AuditEntry['detail'] = {}): AuditEntry => ({
    action,
    actor: 'user',
    accountId,
    address,
    detail: { rule: plan.rule, ...detail },
  })
  return [
    ...(plan.accountId === 'new' ? [entry('account.created')] : []),
    ...plan.merge.map(loserId => entry('account.merged', { loserId })),
    ...plan.release.map(({ kind, scope }) => entry('identity.released', { kind, scope })),
    ...plan.move.map(({ kind, scope }) => entry('identity.moved', { kind, scope })),
    // A new account's identities are told by its own entry.
    ...(plan.accountId === 'new'
      ? []
      : plan.attach.map(({ kind, scope }) => entry('identity.attached', { kind, scope }))),
  ]
}
