import { el } from './element.js'

/** A switch with its label; works by keyboard as buttons do. */
export function toggle(options: {
  /** Where the focus goes back to. */
  readonly key: string
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}): HTMLElement {
  const { key, label, isOn, onChange } = options
  return el(
    'button',
    {
      class: 'switch',
      type: 'button',
      role: 'switch',
      'aria-checked': String(isOn),
      'data-key': key,
      onclick: () => onChange(!isOn),
    },
    el('span', { class: 'switch-track', 'aria-hidden': 'true' }),
    el('span', {}, label),
  )
}
