import type { Overview } from '../../src/control/overview.js'
import type { Bend, Fault } from '../../src/faults/fault.js'
import type { WaitingFault } from '../../src/faults/faults.js'
import { emulator } from './api.js'
import { byId, el, fillSelect, replace } from './element.js'
import { t } from './language.js'
import type { Texts } from './texts.js'
import { toggle } from './toggle.js'

/** The faults that have a switch. */
const bends: Readonly<Record<keyof Texts['kinds'], Bend>> = {
  busy: { errcode: -1 },
  minute: { errcode: 45011 },
  daily: { errcode: 45009 },
  address: { errcode: 40164 },
  token: { errcode: 40001 },
  gateway: { status: 502 },
  late: { delayMs: 10_000 },
  cut: { reset: true },
  lost: { reset: true, effect: true },
  half: { half: true },
  html: { html: true },
  slow: { trickleMs: 50 },
  wrong: { wrong: true },
}
const kinds = Object.keys(bends) as (keyof typeof bends)[]

const frequencies: Readonly<Record<keyof Texts['often'], Pick<Fault, 'times' | 'chance'>>> = {
  always: { chance: 1 },
  once: { times: 1 },
  chance: { chance: 0.2 },
}

const bendNames = [
  'errcode',
  'status',
  'delayMs',
  'body',
  'html',
  'wrong',
  'reset',
  'half',
  'trickleMs',
  'effect',
] as const

/** The panel of faults: switches for one endpoint, and all that is switched on. */
export function createFaultPanel(refresh: () => void) {
  const pathSelect = byId<HTMLSelectElement>('fault-path')
  const oftenSelect = byId<HTMLSelectElement>('fault-often')
  let last: Overview | undefined

  function render(overview = last): void {
    if (!overview) return
    last = overview
    const { endpoints, faults, settings } = overview
    fillSelect(
      pathSelect,
      endpoints.map(path => ({ value: path, text: path })),
    )
    fillSelect(
      oftenSelect,
      (Object.keys(frequencies) as (keyof Texts['often'])[]).map(value => ({ value, text: t().often[value] })),
    )
    replace(byId('switches'), [
      ...kinds.map(kind => faultSwitch(kind, faults)),
      toggle({
        key: 'rotate',
        label: t().rotateAlways,
        isOn: settings.sessionKeyRotateAlways,
        onChange: isOn => void change(emulator.changeSettings({ sessionKeyRotateAlways: isOn })),
      }),
    ])
    replace(
      byId('waiting'),
      faults.length === 0
        ? [el('p', { class: 'hint' }, t().noFaults)]
        : [el('h3', {}, t().waiting), ...faults.map(waiting)],
    )
  }

  async function change(work: Promise<unknown>): Promise<void> {
    await work.catch(() => undefined)
    refresh()
  }

  function faultSwitch(kind: keyof typeof bends, faults: readonly WaitingFault[]): HTMLElement {
    const path = pathSelect.value
    const same = faults.find(fault => fault.path === path && isSameBend(fault, bends[kind]))
    return toggle({
      key: kind,
      label: t().kinds[kind],
      isOn: same !== undefined,
      onChange() {
        const often = frequencies[oftenSelect.value as keyof typeof frequencies]
        change(same ? emulator.removeFault(same.id) : emulator.addFault({ path, ...often, ...bends[kind] }))
      },
    })
  }

  function waiting(fault: WaitingFault): HTMLElement {
    const { id, path, left, taken, chance = 1 } = fault
    const details = [chance < 1 && t().chanceOf(Math.round(chance * 100)), t().left(left), t().taken(taken)]
    return el(
      'div',
      { class: 'fault', 'data-fault-id': id },
      el('span', { class: 'fault-what' }, el('code', {}, path), el('strong', {}, nameOf(fault))),
      el('span', { class: 'hint' }, details.filter(Boolean).join(' · ')),
      el(
        'button',
        {
          class: 'button quiet small',
          type: 'button',
          'data-key': `remove ${id}`,
          onclick: () => void change(emulator.removeFault(id)),
        },
        t().remove,
      ),
    )
  }

  pathSelect.addEventListener('change', () => render())
  return { render }
}

function isSameBend(one: Bend, other: Bend): boolean {
  return bendNames.every(name => one[name] === other[name])
}

function nameOf(fault: Bend): string {
  const known = kinds.find(kind => isSameBend(fault, bends[kind]))
  if (known) return t().kinds[known]
  return bendNames
    .filter(name => fault[name] !== undefined)
    .map(name => `${name} ${String(fault[name]).slice(0, 40)}`)
    .join(', ')
}
