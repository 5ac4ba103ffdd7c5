import { computed, ref } from 'vue'
import { readStats, type Stats } from './emulator.js'

/** An account as the development server lists it. */
export interface AccountOverview {
  readonly id: string
  readonly nickname: string
  readonly avatar: string
  readonly status: 'active' | 'disabled' | 'merged'
  readonly mergedInto: string | null
  readonly identities: readonly {
    readonly kind: 'openid' | 'unionid' | 'phone'
    readonly scope: string
    readonly label: string
  }[]
  readonly sessions: number
}

const accounts = ref<AccountOverview[]>([])
const stats = ref<Stats>({ calls: {}, phoneCallsBilled: 0, yuan: 0 })
const known = new Set<string>()
const fresh = ref<ReadonlySet<string>>(new Set())

/** Names an identity chip, so that a new one can be shown as new. */
export function chipKey(accountId: string, identity: AccountOverview['identities'][number]): string {
  return [accountId, identity.kind, identity.scope, identity.label].join(' ')
}

/** What the server and WeChat know: accounts with their identities, calls, cost. */
export function useBackstage() {
  return {
    accounts,
    stats,
    fresh,
    activeAccounts: computed(() => accounts.value.filter(account => account.status !== 'merged')),
    wechatCallCount: computed(() =>
      Object.values(stats.value.calls)
        .flatMap(byErrcode => Object.values(byErrcode))
        .reduce((sum, count) => sum + count, 0),
    ),

    /** Asks again; identities that were not there before are marked as fresh. */
    async refresh(): Promise<void> {
      const response = await fetch('/_demo/accounts')
      const listed = ((await response.json()) as { accounts: AccountOverview[] }).accounts
      const keys = listed.flatMap(account => account.identities.map(identity => chipKey(account.id, identity)))
      fresh.value = new Set(known.size === 0 ? [] : keys.filter(key => !known.has(key)))
      known.clear()
      for (const key of keys) known.add(key)
      accounts.value = listed
      stats.value = await readStats()
    },
  }
}
