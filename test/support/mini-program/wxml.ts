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

/** A WXML file, with what it imports. */
export interface Wxml {
  readonly nodes: readonly WxmlNode[]
  /** By name. */
  readonly templates: ReadonlyMap<string, readonly WxmlNode[]>
  /** Of WXS, by name: expressions call them. */
  readonly modules: Data
}

const token = /<!--.*?-->|<(\/?)([\w-]+)((?:\s+[\w:.-]+(?:="[^"]*")?)*)\s*(\/?)>|[^<]+/gs

/** Parses WXML as compilers write it: well-formed. What is between elements to make it readable is nothing. */
export function parseWxml(source: string): readonly WxmlNode[] {
  const root: WxmlNode[] = []
  const open: { tag: string; children: WxmlNode[] }[] = [{ tag: '', children: root }]
  for (const [whole, closing, tag, attributes = '', selfClosing] of source.matchAll(token)) {
    const parent = open.at(-1) as { tag: string; children: WxmlNode[] }
    if (tag === undefined) {
      if (!whole.startsWith('<!--') && whole.trim() !== '') parent.children.push({ text: whole })
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

/** What is to be seen of a file with this data: wx:if, wx:for and templates carried out. */
export function show({ nodes, templates, modules }: Wxml, data: Data): (Shown | string)[] {
  function showAll(all: readonly WxmlNode[], scope: Data): (Shown | string)[] {
    let isTaken = false
    return all.flatMap((node): (Shown | string)[] => {
      if ('text' in node) return [String(evaluate(node.text, scope))]
      const { 'wx:if': condition, 'wx:elif': otherwise, 'wx:else': last } = node.attributes
      if (condition !== undefined) isTaken = false
      else if ((otherwise ?? last) !== undefined && isTaken) return []
      const test = condition ?? otherwise
      if (test !== undefined && !evaluate(test, scope)) return []
      isTaken = true
      return repeat(node, scope)
    })
  }

  function repeat(element: WxmlElement, scope: Data): (Shown | string)[] {
    const { 'wx:for': list, 'wx:for-item': item = 'item', 'wx:for-index': index = 'index' } = element.attributes
    if (list === undefined) return showElement(element, scope)
    const values = evaluate(list, scope) as readonly unknown[] | undefined
    return (values ?? []).flatMap((value, at) => showElement(element, { ...scope, [item]: value, [index]: at }))
  }

  function showElement({ tag, attributes, children }: WxmlElement, scope: Data): (Shown | string)[] {
    if (tag === 'template') {
      const template = templates.get(String(evaluate(attributes.is ?? '', scope)))
      return showAll(template ?? [], { ...modules, ...givenTo(attributes.data, scope) })
    }
    const inner = showAll(children, scope)
    if (tag === 'block') return inner
    const own = Object.entries(attributes).filter(([name]) => !name.startsWith('wx:'))
    return [
      {
        tag,
        attributes: Object.fromEntries(own.map(([name, text]) => [name, evaluate(text, scope)])),
        children: inner,
      },
    ]
  }

  return showAll(nodes, { ...modules, ...data })
}

/** The data of a template, `{{a: b, c}}`: an object without its braces. */
function givenTo(text: string | undefined, scope: Data): Data {
  return text === undefined
    ? {}
    : (compute(
        text.replace(/^\{\{|\}\}$/g, match => match[0] as string),
        scope,
      ) as Data)
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
  const known =
    compiled.get(expression) ?? (new Function('scope', `with (scope) { return (${expression}) }`) as Compute)
  compiled.set(expression, known)
  return known(scope)
}

type Compute = (scope: Data) => unknown
const compiled = new Map<string, Compute>()
