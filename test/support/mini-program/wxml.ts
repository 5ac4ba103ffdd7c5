/** An element of a WXML file, or a piece of text. */
export type WxmlNode = { readonly text: string } | WxmlElement

export interface WxmlElement {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly WxmlNode[]
}

/** An element as it stands on the page, its attributes evaluated. */
export interface Shown {
  readonly tag: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly children: readonly (Shown | string)[]
}

export type Data = Readonly<Record<string, unknown>>

const token = /<!--.*?-->|<(\/?)([\w-]+)((?:\s+[\w:.-]+(?:="[^"]*")?)*)\s*(\/?)>|[^<]+/gs

/** Parses WXML as uni-app's compiler writes it: well-formed. */
export function parseWxml(source: string): readonly WxmlNode[] {
  const root: WxmlNode[] = []
  const open: { tag: string; children: WxmlNode[] }[] = [{ tag: '', children: root }]
  for (const [whole, closing, tag, attributes = '', selfClosing] of source.matchAll(token)) {
    const parent = open.at(-1) as { tag: string; children: WxmlNode[] }
    if (tag === undefined) {
      if (!whole.startsWith('<!--')) parent.children.push({ text: whole })
    } else if (closing) {
      if (open.pop()?.tag !== tag) throw new Error(`</${tag}> closes nothing`)
    } else {
      const element = { tag, attributes: parseAttributes(attributes), children: [] as WxmlNode[] }
      parent.children.push(element)
      if (!selfClosing) open.push(element)
    }
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)?.tag}> is not closed`)
  return root
}

function parseAttributes(source: string): Record<string, string> {
  const pairs = [...source.matchAll(/([\w:.-]+)(?:="([^"]*)")?/g)]
  return Object.fromEntries(pairs.map(([, name, value = 'true']) => [name, value]))
}

/** What is to be seen with this data: wx:if and wx:for carried out. */
export function show(nodes: readonly WxmlNode[], data: Data): (Shown | string)[] {
  let isTaken = false
  return nodes.flatMap((node): (Shown | string)[] => {
    if ('text' in node) return [String(evaluate(node.text, data))]
    const { 'wx:if': condition, 'wx:elif': otherwise, 'wx:else': last } = node.attributes
    if (condition !== undefined) isTaken = false
    else if ((otherwise ?? last) !== undefined && isTaken) return []
    const test = condition ?? otherwise
    if (test !== undefined && !evaluate(test, data)) return []
    isTaken = true
    return repeat(node, data)
  })
}

function repeat(element: WxmlElement, data: Data): (Shown | string)[] {
  const { 'wx:for': list, 'wx:for-item': item = 'item', 'wx:for-index': index = 'index' } = element.attributes
  if (list === undefined) return showElement(element, data)
  const values = evaluate(list, data) as readonly unknown[]
  return values.flatMap((value, at) => showElement(element, { ...data, [item]: value, [index]: at }))
}

function showElement({ tag, attributes, children }: WxmlElement, data: Data): (Shown | string)[] {
  const inner = show(children, data)
  if (tag === 'block') return inner
  const own = Object.entries(attributes).filter(([name]) => !name.startsWith('wx:'))
  return [
    { tag, attributes: Object.fromEntries(own.map(([name, text]) => [name, evaluate(text, data)])), children: inner },
  ]
}

/** A text with `{{expressions}}`; of one alone its value, whatever it is. */
function evaluate(text: string, data: Data): unknown {
  const whole = /^\{\{((?:(?!\}\}).)*)\}\}$/s.exec(text)
  if (whole) return compute(whole[1] ?? '', data)
  return text.replace(/\{\{(.*?)\}\}/gs, (_, expression: string) => String(compute(expression, data) ?? ''))
}

/** Names that the data does not have are undefined, as in WXML. */
function compute(expression: string, data: Data): unknown {
  const scope = new Proxy(data, {
    has: (_, name) => typeof name === 'string',
    get: (target, name: string) => target[name],
  })
  return new Function('scope', `with (scope) { return (${expression}) }`)(scope)
}
