import type { Overview } from '../../src/control/overview.js'
import type { AppView } from '../../src/verbs.js'
import { byId, el, replace } from './element.js'
import { t } from './language.js'

/** The mini programs, as WeChat's console would list them. */
export function createApps() {
  let last: Overview | undefined
  return {
    render(overview = last): void {
      if (!overview) return
      last = overview
      replace(byId('apps'), overview.apps.map(row))
    },
  }
}

function row({ appid, name, personal, verified, openPlatform, security, push, phoneQuota }: AppView): HTMLElement {
  const tags = [
    personal && t().personal,
    verified === false && t().unverified,
    openPlatform !== undefined && `${t().platform} ${openPlatform}`,
    phoneQuota !== undefined && `${t().quota} ${phoneQuota}`,
    security && t().security,
    push && `${t().pushTo} ${push.url}`,
  ]
  return el(
    'div',
    { class: 'app' },
    el('strong', {}, name ?? appid),
    name !== undefined && el('code', {}, appid),
    ...tags.filter(tag => typeof tag === 'string').map(tag => el('span', { class: 'tag' }, tag)),
  )
}
