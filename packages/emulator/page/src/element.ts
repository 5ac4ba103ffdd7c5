/** A child of an element: text stays text, whatever is in it. */
export type Child = Node | string | undefined | false

/** Attributes; `on…` are handlers, `true` an attribute without a value, `false` and undefined none. */
export type Attributes = Readonly<Record<string, string | boolean | undefined | ((event: Event) => void)>>

/** An element with its attributes and children. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, '')
    else if (typeof value === 'string') element.setAttribute(name, value)
  }
  element.append(...children.filter(child => child !== undefined && child !== false))
  return element
}

/** The element of the page with this id. */
export function byId<Type extends HTMLElement = HTMLElement>(id: string): Type {
  const element = document.getElementById(id)
  if (!element) throw new Error(`the page has no #${id}`)
  return element as Type
}

/** Puts other children into an element; who had the focus has it again, by its `data-key`. */
export function replace(container: HTMLElement, children: readonly Child[]): void {
  const focused = document.activeElement
  const key = container.contains(focused) ? focused?.getAttribute('data-key') : undefined
  container.replaceChildren(...children.filter(child => child !== undefined && child !== false))
  if (key) container.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus()
}

/** Choices of a select; what was chosen stays so while it is there. */
export function fillSelect(select: HTMLSelectElement, choices: readonly { value: string; text: string }[]): void {
  const chosen = select.value
  const options = choices.map(({ value, text }) => el('option', { value }, text))
  select.replaceChildren(...options)
  if (choices.some(({ value }) => value === chosen)) select.value = chosen
}
