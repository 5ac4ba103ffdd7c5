import { giveUpAvatars } from '../avatars/avatars.js'
import { writeAudit } from '../ops/audit.js'
import { publishEvent } from '../ops/outbox.js'
import type { Tx } from '../store/database.js'
import { decideWithdrawal, type Withdrawal, type WithdrawalPlan } from './decide-withdrawal.js'
import { deleteAccount } from './deletion.js'
import type { AccountHooks } from './hooks.js'
import type { Claim } from './identity.js'
import { lockOwners, raiseVersions } from './lock-owners.js'
import { defaultAvatar, randomNickname } from './profile.js'

/**
 * Carries out within a transaction what a person told WeChat to take back. Doing it twice is doing it once.
 *
 * @returns what was done; `nothing` also when no account has this openid
 */
export async function withdraw(
  tx: Tx,
  event: Withdrawal,
  { now, hooks }: { now: Date; hooks: AccountHooks },
): Promise<WithdrawalPlan['kind']> {
  const claim: Claim = { kind: 'openid', scope: event.appid, subject: event.openid }
  const [owner] = (await lockOwners(tx, [claim], now)).owners
  if (!owner) return 'nothing'
  const accountId = owner.id
  const identities = await tx.selectFrom('identities').selectAll().where('account_id', '=', accountId).execute()
  const inApp = identities.filter(({ kind, scope }) => kind === 'openid' && scope === event.appid)
  const openid = inApp.find(({ subject }) => subject === event.openid)
  const phone = identities.find(({ kind }) => kind === 'phone')
  if (!openid) return 'nothing'
  const plan = decideWithdrawal(event, {
    openidSince: new Date(openid.created_at),
    phoneSince: phone && new Date(phone.created_at),
    hasOtherWechat: inApp.length > 1,
  })
  const released = (row: typeof openid) => releaseIdentity(tx, row, now)
  switch (plan.kind) {
    case 'erase':
      await deleteAccount(tx, accountId, { now, hooks, actor: 'wechat' })
      break
    case 'detach':
      for (const row of identities) {
        const isItsUnionid = row.kind === 'unionid' && row.subject === event.unionid
        if (row === openid || isItsUnionid) await released(row)
      }
      break
    case 'release':
      if (plan.phone && phone) {
        await released(phone)
        await publishEvent(tx, { type: 'account.phone_changed', accountId, phoneBound: false }, now)
      }
      if (plan.profile) await forgetProfile(tx, accountId, now)
      break
    case 'nothing':
      if (event.kind === 'user_info_modified')
        await publishEvent(tx, { type: 'account.wechat_profile_modified', accountId }, now)
  }
  return plan.kind
}

async function releaseIdentity(
  tx: Tx,
  { id, kind, scope, account_id: accountId }: { id: string; kind: string; scope: string; account_id: string },
  now: Date,
): Promise<void> {
  await tx.deleteFrom('identities').where('id', '=', id).execute()
  await raiseVersions(tx, [accountId])
  await writeAudit(tx, now, [
    { action: 'identity.released', actor: 'wechat', accountId, detail: { kind, scope, reason: 'withdrawn' } },
  ])
}

/** Nickname and avatar become those of a new user. */
async function forgetProfile(tx: Tx, accountId: string, now: Date): Promise<void> {
  await giveUpAvatars(tx, [accountId], now)
  await tx
    .updateTable('accounts')
    .set({ nickname: randomNickname('zh-CN'), avatar: defaultAvatar })
    .where('id', '=', accountId)
    .execute()
  await writeAudit(tx, now, [
    {
      action: 'profile.updated',
      actor: 'wechat',
      accountId,
      detail: { fields: 'nickname avatar', reason: 'withdrawn' },
    },
  ])
}
