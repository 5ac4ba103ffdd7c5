import type { Placed, toEvent } from './instances.js'
import type { Shown } from './wxml.js'

/** Where an element has its names. Taro's templates write no data of ours: there it is the class. */
export type NameAttribute = 'data-testid' | 'class'

export function findAll(placed: readonly Placed[], name: string, by: NameAttribute): Placed[] {
  return placed.filter(({ element }) =>
    String(element.attributes[by] ?? '')
      .split(' ')
      .includes(name),
  )
}

/** The text of an element, and of everything in it. */
export function textOf(element: Shown | string): string {
  if (typeof element === 'string') return element
  return element.children.map(textOf).join('')
}

/** Calls what an element, or the nearest around it, does with an event; false when nobody does anything. */
export function dispatch(placed: Placed, event: ReturnType<typeof toEvent>, bubbles: boolean): boolean {
  for (const { element, owner } of bubbles ? [placed, ...placed.around] : [placed]) {
    const handler = element.attributes[`bind${event.type}`]
    if (typeof handler === 'string') {
      owner.call(handler, { ...event, currentTarget: { id: '', dataset: datasetOf(element) } })
      return true
    }
  }
  return false
}

function datasetOf(element: Shown): Record<string, unknown> {
  const own = Object.entries(element.attributes).filter(([name]) => name.startsWith('data-'))
  return Object.fromEntries(own.map(([name, value]) => [name.slice('data-'.length), value]))
}

/** The named fields of a form as they stand: what was typed, else what the page put there. */
export function formValues(form: Placed, all: readonly Placed[], typed: ReadonlyMap<string, string>) {
  const fields = all.filter(({ element, around }) => element.attributes.name !== undefined && around.includes(form))
  return Object.fromEntries(
    fields.map(({ element: { attributes } }) => {
      const name = String(attributes.name)
      return [name, typed.get(name) ?? attributes.value]
    }),
  )
}
