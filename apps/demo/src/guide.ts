import { computed, ref } from 'vue'
import { useBackstage } from './backstage.js'

const done = ref({ openid: false, phone: false })
const { activeAccounts } = useBackstage()

/** The three steps of the page, ticked off as the person does them. */
export function useGuide() {
  return {
    steps: computed(() => {
      const isOneAccount = activeAccounts.value.some(({ identities }) => {
        const kinds = identities.map(identity => identity.kind)
        return kinds.includes('openid') && kinds.includes('phone')
      })
      return [done.value.openid, done.value.phone, done.value.openid && done.value.phone && isOneAccount]
    }),
    tick(step: 'openid' | 'phone'): void {
      done.value = { ...done.value, [step]: true }
    },
  }
}
