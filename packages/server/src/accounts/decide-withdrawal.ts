import type { PushEvent, RevokedScope } from '@mplogin/wechat'
import { secondMs } from '../clock.js'

/** What a person told WeChat to take back. */
export type Withdrawal = Extract<PushEvent, { openid: string }>

/** The account that the openid belongs to, as far as the decision needs it. */
export interface WithdrawalFacts {
  /** When the openid, and the phone, became the account's. */
  readonly openidSince: Date
  readonly phoneSince: Date | undefined
  /** Whether the account has another openid, in whatever app: a second person's, or the same one's elsewhere. */
  readonly hasOtherOpenid: boolean
}

/**
 * What follows: the account is erased · this WeChat leaves it, because another openid stays · the phone, the nickname and
 * avatar, are taken out of it · nothing.
 */
export type WithdrawalPlan =
  | { readonly kind: 'erase' | 'detach' | 'nothing' }
  | { readonly kind: 'release'; readonly phone: boolean; readonly profile: boolean }

const profileScopes: readonly RevokedScope[] = ['nickname_and_avatar', 'nickname', 'avatar', 'unknown']
const phoneScopes: readonly RevokedScope[] = ['phone', 'unknown']

/** So far WeChat's clock may be behind ours: what is younger than the withdrawal by less is not younger. */
const clockSkewMs = 30 * secondMs

/**
 * Decides what a withdrawal means for an account. WeChat repeats its pushes, and they may come late: what became the
 * account's after the withdrawal is not touched by it.
 *
 * @see https://developers.weixin.qq.com/miniprogram/security/basic/listen.html
 */
export function decideWithdrawal(event: Withdrawal, facts: WithdrawalFacts): WithdrawalPlan {
  const isLater = (since: Date) => since.getTime() > event.createdAt.getTime() + clockSkewMs
  switch (event.kind) {
    case 'user_authorization_cancellation':
      if (isLater(facts.openidSince)) return { kind: 'nothing' }
      return { kind: facts.hasOtherOpenid ? 'detach' : 'erase' }
    case 'user_authorization_revoke': {
      const { revoked, plugin } = event
      // What a plugin inside the mini program was given is the plugin's.
      if (plugin) return { kind: 'nothing' }
      const { phoneSince } = facts
      const phone = phoneSince !== undefined && !isLater(phoneSince) && revoked.some(one => phoneScopes.includes(one))
      const profile = !isLater(facts.openidSince) && revoked.some(one => profileScopes.includes(one))
      return phone || profile ? { kind: 'release', phone, profile } : { kind: 'nothing' }
    }
    case 'user_info_modified':
      return { kind: 'nothing' }
  }
}
