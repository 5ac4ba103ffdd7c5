import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import { giveUpAvatars } from '../avatars/avatars.js'
import { dayMs } from '../clock.js'
import { writeAudit } from '../ops/audit.js'
import { publishEvent } from '../ops/outbox.js'
import type { Tx } from '../store/database.js'
import type { IdentitiesTable } from '../store/schema.js'
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
  if (await isKnown(tx, event, now)) return 'nothing'
  const claim: Claim = { kind: 'openid', scope: event.appid, subject: event.openid }
  const [owner] = (await lockOwners(tx, [claim], now)).owners
  if (!owner) return 'nothing'
  const accountId = owner.id
  const identities = await tx.selectFrom('identities').selectAll().where('account_id', '=', accountId).execute()
  const openids = identities.filter(({ kind }) => kind === 'openid')
  const openid = openids.find(({ scope, subject }) => scope === event.appid && subject === event.openid)
  const phone = identities.find(({ kind }) => kind === 'phone')
  if (!openid) return 'nothing'
  const plan = decideWithdrawal(event, {
    openidSince: new Date(openid.created_at),
    phoneSince: phone && new Date(phone.created_at),
    hasOtherOpenid: openids.length > 1,
  })
  switch (plan.kind) {
    case 'erase':
      await deleteAccount(tx, accountId, { now, hooks, actor: 'wechat' })
      break
    case 'detach':
      for (const row of [openid, ...leavingUnionids(identities, event)]) await releaseIdentity(tx, row, now)
      await endSessionsOf(tx, accountId, event.appid, now)
      break
    case 'release':
      if (plan.phone && phone) {
        await releaseIdentity(tx, phone, now)
        await publishEvent(tx, { type: 'account.phone_changed', accountId, phoneBound: false }, now)
      }
      if (plan.profile) await forgetProfile(tx, accountId, now)
      break
    case 'nothing':
      if (event.kind === 'user_info_modified') {
        await publishEvent(tx, { type: 'account.wechat_profile_modified', accountId }, now)
      }
  }
  return plan.kind
}

/** WeChat repeats a push within seconds; one is remembered for longer than its signature is accepted. */
const rememberMs = dayMs

/** Whether this push was obeyed before; if not, it is from now on. */
async function isKnown(tx: Tx, { dedupKey }: Withdrawal, now: Date): Promise<boolean> {
  const id = createHash('sha256').update(dedupKey).digest('base64url').slice(0, 36)
  const known = await tx.selectFrom('spent_tickets').select('id').where('id', '=', id).executeTakeFirst()
  if (known) return true
  // The same push at the same moment: the unique id lets one of them through, and the other begins again.
  await tx
    .insertInto('spent_tickets')
    .values({ id, expires_at: now.getTime() + rememberMs })
    .execute()
  return false
}

/** The unionid of the WeChat that leaves; the only one of its platform is also that of the openids that stay. */
function leavingUnionids(identities: readonly IdentityRow[], { unionid }: Withdrawal): IdentityRow[] {
  return identities.filter(
    ({ kind, scope, subject }) =>
      kind === 'unionid' &&
      subject === unionid &&
      identities.some(other => other.kind === 'unionid' && other.scope === scope && other.subject !== subject),
  )
}

/** Whose sessions these are cannot be told; another WeChat that uses this app signs in again. */
async function endSessionsOf(tx: Tx, accountId: string, appid: string, now: Date): Promise<void> {
  await tx
    .updateTable('sessions')
    .set({ revoked_at: now.getTime(), revoked_why: 'wechat_withdrawn' })
    .where('account_id', '=', accountId)
    .where('appid', '=', appid)
    .where('revoked_at', 'is', null)
    .execute()
}

type IdentityRow = Selectable<IdentitiesTable>

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
