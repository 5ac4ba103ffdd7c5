import type { Overview } from '../../src/control/overview.js'
import type { TokenCounts } from '../../src/world/tokens.js'
import { emulator } from './api.js'
import { byId, el, replace } from './element.js'
import { locale, t } from './language.js'

const steps = { minute: 60, fiveMinutes: 300, hour: 3600, day: 86_400 } as const

/** Costs, counts, and the clock that can be moved. */
export function createFigures(refresh: () => void, onReset: () => void) {
  let last: Overview | undefined
  let aheadMs = 0

  function render(overview = last): void {
    if (!overview) return
    last = overview
    aheadMs = new Date(overview.now).getTime() - Date.now()
    const { stats } = overview
    const { quick, realtime } = stats.phoneTaps
    const [all, good] = countCalls(stats.calls)
    const [stable, legacy] = [sum(stats.tokens.stable), sum(stats.tokens.legacy)]
    replace(byId('figures'), [
      figure('yuan', t().spent, yuan(stats.yuan), t().spentNote(yuan(stats.yuanOwed))),
      figure('taps', t().taps, String(stats.phoneCallsBilled), t().tapsNote(quick, realtime)),
      figure('calls-count', t().answered, String(all), t().answeredNote(all - good)),
      figure('tokens', t().fetched, String(stable + legacy), t().fetchedNote(stable, legacy)),
      clock(),
    ])
    tick()
  }

  function tick(): void {
    const time = document.getElementById('clock-time')
    const now = new Date(Date.now() + aheadMs)
    if (time) time.textContent = now.toLocaleString(locale(), { hour12: false })
  }
  setInterval(tick, 1000)

  byId('reset').addEventListener('click', async () => {
    if (!confirm(t().resetSure)) return
    await emulator.reset()
    onReset()
    refresh()
  })

  function clock(): HTMLElement {
    const names = Object.keys(steps) as (keyof typeof steps)[]
    return el(
      'div',
      { class: 'figure clock' },
      el('span', { class: 'figure-name' }, t().clock),
      el('strong', { id: 'clock-time' }),
      el(
        'div',
        { class: 'row wrap' },
        ...names.map(name => button(name, t()[name], () => void emulator.advanceClock(steps[name]).finally(refresh))),
      ),
    )
  }

  return { render }
}

function button(key: string, text: string, onclick: () => void): HTMLElement {
  return el('button', { class: 'button quiet small', type: 'button', 'data-key': key, onclick }, text)
}

function figure(id: string, name: string, value: string, note: string): HTMLElement {
  return el(
    'div',
    { class: 'figure' },
    el('span', { class: 'figure-name' }, name),
    el('strong', { id }, value),
    el('span', { class: 'hint' }, note),
  )
}

function yuan(amount: number): string {
  return `¥${amount.toFixed(2)}`
}

function countCalls(calls: Overview['stats']['calls']): [all: number, good: number] {
  const counts = Object.values(calls).flatMap(Object.entries) as [string, number][]
  const total = (entries: [string, number][]) => entries.reduce((n, [, count]) => n + count, 0)
  return [total(counts), total(counts.filter(([errcode]) => errcode === '0'))]
}

function sum(counts: TokenCounts): number {
  const { first = 0, renewed = 0, forced = 0, replaced = 0 } = counts
  return first + renewed + forced + replaced
}
