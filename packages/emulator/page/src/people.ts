import type { Overview } from '../../src/control/overview.js'
import type { User } from '../../src/world/types.js'
import { type CodeKind, emulator } from './api.js'
import { byId, el, fillSelect, replace } from './element.js'
import { t } from './language.js'
import { toggle } from './toggle.js'

/** The last code of a person, or why there was none. */
type Shown = { readonly kind: CodeKind; readonly code: string } | { readonly kind: CodeKind; readonly problem: string }

const codeKinds = ['login', 'phone', 'realtime'] as const

/** The panel of virtual people: their numbers, and codes to copy. */
export function createPeople(refresh: () => void) {
  const shown = new Map<string, Shown>()
  const appSelect = byId<HTMLSelectElement>('app')
  const form = byId<HTMLFormElement>('new-person-form')
  let last: Overview | undefined

  function render(overview = last): void {
    if (!overview) return
    last = overview
    const { users, userCount, apps } = overview
    fillSelect(
      appSelect,
      apps.map(({ appid, name }) => ({ value: appid, text: name ?? appid })),
    )
    const hidden = userCount - users.length
    replace(byId('people'), [
      userCount === 0 && el('p', { class: 'hint' }, t().nobody),
      ...users.map(card),
      hidden > 0 && el('p', { class: 'hint' }, t().morePeople(hidden)),
    ])
  }

  async function fetchCode(kind: CodeKind, { id }: User): Promise<void> {
    try {
      shown.set(id, { kind, code: await emulator.code(kind, id, appSelect.value) })
    } catch (error) {
      shown.set(id, { kind, problem: (error as Error).message })
    }
    render()
    refresh()
  }

  async function change(work: Promise<unknown>): Promise<void> {
    await work.catch(() => undefined)
    refresh()
  }

  function card(user: User): HTMLElement {
    const { id, name, openids, blocked } = user
    const label = { login: t().loginCode, phone: t().phoneCode, realtime: t().realtimeCode }
    return el(
      'article',
      { class: 'person', 'data-user-id': id },
      el(
        'div',
        { class: 'person-head' },
        el('span', { class: 'avatar', 'aria-hidden': 'true' }, [...(name ?? id)][0] ?? '?'),
        el(
          'div',
          { class: 'person-name' },
          el('strong', {}, name ?? id),
          blocked && el('span', { class: 'tag bad' }, t().blocked),
          el('code', { title: 'openid' }, openids[appSelect.value] ?? ''),
        ),
      ),
      numbers(user),
      el(
        'div',
        { class: 'row wrap' },
        ...codeKinds.map(kind =>
          el(
            'button',
            {
              class: 'button outline small',
              type: 'button',
              'data-key': `${id} ${kind}`,
              onclick: () => void fetchCode(kind, user),
            },
            label[kind],
          ),
        ),
      ),
      result(id),
      toggle({
        key: `${id} block`,
        label: t().block,
        isOn: blocked,
        onChange: isOn => void change(emulator.changeUser(id, { blocked: isOn })),
      }),
    )
  }

  function numbers({ id, name, phone, phones }: User): HTMLElement {
    if (phones.length === 0) return el('p', { class: 'hint' }, t().noPhone)
    if (phones.length === 1) return el('p', { class: 'number' }, phones[0])
    const select = el(
      'select',
      {
        'data-key': `${id} number`,
        'aria-label': `${t().buttonGives}: ${name ?? id}`,
        onchange: () => void change(emulator.changeUser(id, { phone: select.value })),
      },
      ...phones.map(number => el('option', { value: number, selected: number === phone }, number)),
    )
    return el('label', { class: 'inline' }, t().buttonGives, select)
  }

  function result(id: string): HTMLElement | undefined {
    const last = shown.get(id)
    if (!last) return undefined
    if ('problem' in last) return el('p', { class: 'problem', role: 'status' }, last.problem)
    const { kind, code } = last
    const text = el('code', {}, code)
    const onclick = async () => {
      if (await copyOf(text)) copy.textContent = t().copied
    }
    const key = `${id} copy`
    const copy = el('button', { class: 'button quiet small', type: 'button', 'data-key': key, onclick }, t().copy)
    return el('p', { class: 'code', role: 'status' }, el('span', {}, t().kindOf[kind]), text, copy)
  }

  form.addEventListener('submit', async event => {
    event.preventDefault()
    const [name, phones, problem] = [
      byId<HTMLInputElement>('new-name'),
      byId<HTMLInputElement>('new-phones'),
      byId('new-problem'),
    ]
    const given = phones.value.split(/[,，\s]+/).filter(Boolean)
    try {
      await emulator.createUser({
        ...(name.value.trim() !== '' && { name: name.value.trim() }),
        ...(given.length > 0 && { phones: given }),
      })
      problem.hidden = true
      form.reset()
      byId<HTMLDetailsElement>('new-person').open = false
    } catch (error) {
      problem.textContent = (error as Error).message
      problem.hidden = false
    }
    refresh()
  })
  appSelect.addEventListener('change', () => render())

  return { render, forget: () => shown.clear() }
}

/** Copies a text; where the browser does not allow it (another machine without TLS), selects it instead. */
async function copyOf(element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(element.textContent ?? '')
    return true
  } catch {
    getSelection()?.selectAllChildren(element)
    return false
  }
}
