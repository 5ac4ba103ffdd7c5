import { giveUpAvatars } from '../avatars/avatars.js'
import { writeAudit } from '../ops/audit.js'
import { publishEvent } from '../ops/outbox.js'
import type { Tx } from '../store/database.js'
import type { AccountHooks } from './hooks.js'
import { defaultAvatar } from './profile.js'

/**
 * Deletes an account (注销) within a transaction: identities and personal fields are erased, here and in the accounts
 * that were merged into it, its pictures are given up, its sessions end. The person may register again and is new.
 */
export async function deleteAccount(
  tx: Tx,
  accountId: string,
  context: { now: Date; hooks: AccountHooks; actor?: 'user' | 'wechat' },
): Promise<void> {
  const now = context.now.getTime()
  await tx.deleteFrom('identities').where('account_id', '=', accountId).execute()
  await tx
    .updateTable('sessions')
    .set({ device: null, address: null, login_key: null, login_codes: null })
    .where('account_id', '=', accountId)
    .execute()
  await tx
    .updateTable('sessions')
    .set({ revoked_at: now, revoked_why: 'account_deleted' })
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .execute()
  const tombstones = await tx.selectFrom('accounts').select('id').where('merged_into', '=', accountId).execute()
  const all = [accountId, ...tombstones.map(account => account.id)]
  await tx
    .updateTable('merges')
    .set({ moved: null })
    .where(eb => eb.or([eb('survivor_id', 'in', all), eb('loser_id', 'in', all)]))
    .execute()
  await giveUpAvatars(tx, all, context.now)
  const erased = { nickname: '', avatar: defaultAvatar }
  await tx.updateTable('accounts').set(erased).where('merged_into', '=', accountId).execute()
  await tx
    .updateTable('accounts')
    .set(eb => ({ ...erased, status: 'deleted' as const, version: eb('version', '+', 1) }))
    .where('id', '=', accountId)
    .execute()
  await tx.updateTable('audit').set({ address: null }).where('account_id', 'in', all).execute()
  await publishEvent(tx, { type: 'account.deleted', accountId }, context.now)
  await writeAudit(tx, context.now, [{ action: 'account.deleted', actor: context.actor ?? 'user', accountId }])
  await context.hooks.onAccountDeleted?.(tx, { accountId })
}
