import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readWxml } from './read-wxml.js'
import { type Data, type Shown, show } from './wxml.js'

type Hook = (this: Instance, ...args: unknown[]) => unknown

/** What `Component` is called with. */
export interface Definition {
  readonly properties?: Readonly<Record<string, { readonly value?: unknown } | null>>
  readonly data?: Data
  readonly lifetimes?: Readonly<Record<string, Hook>>
  readonly observers?: Readonly<Record<string, Hook>>
  readonly methods?: Readonly<Record<string, Hook>>
  readonly created?: Hook
}

/** A page or component as its code sees it: `this`. What uni-app puts on it stays on it. */
export interface Instance extends Record<string, unknown> {
  readonly is: string
  data: Record<string, unknown>
  properties: Record<string, unknown>
}

/** An element on the page, and whose it is. */
export interface Placed {
  readonly element: Shown
  readonly owner: Mounted
  /** The elements around it, the nearest first. */
  readonly around: readonly Placed[]
}

/** A page or component that is there. */
export interface Mounted {
  readonly instance: Instance
  call(hook: string, ...args: unknown[]): unknown
  give(properties: Data): void
  /** Every element that is to be seen, in order; components stand with what is in them. */
  elements(around?: readonly Placed[]): Placed[]
  detach(): void
}

interface Parent {
  readonly mounted: Mounted
  readonly element: () => Shown
}

/** Makes pages and components of what the compiler wrote: `path` without an ending. */
export function createInstances(directory: string, definitionOf: (path: string) => Definition) {
  const read = (path: string) => readFileSync(join(directory, path), 'utf8')

  return function mount(path: string, options: { route?: string; properties?: Data; parent?: Parent }): Mounted {
    const { route, parent } = options
    const definition = definitionOf(path)
    const template = readWxml(join(directory, `${path}.wxml`))
    const components = (JSON.parse(read(`${path}.json`)) as { usingComponents: Record<string, string> }).usingComponents
    const children = new Map<string, { child: Mounted; element: Shown }>()
    const defaults = Object.entries(definition.properties ?? {}).map(([name, property]) => [name, property?.value])
    const instance: Instance = {
      ...definition.methods,
      ...(route !== undefined && { route, __route__: route }),
      is: path,
      // Each instance has its own, as in WeChat.
      data: structuredClone(definition.data ?? {}),
      properties: { ...Object.fromEntries(defaults), ...options.properties },
      setData(changes: Data, done?: () => void) {
        for (const [name, value] of Object.entries(changes)) assign(instance.data, name, value)
        settleChildren()
        if (done) setTimeout(done)
      },
      triggerEvent(name: string, detail?: unknown) {
        if (!parent) return
        const handler = name === '__l' ? '__l' : parent.element().attributes[`bind${name}`]
        if (typeof handler === 'string') parent.mounted.call(handler, toEvent(name, detail))
      },
      selectComponent: () => null,
      selectAllComponents: () => [],
    }
    let isAttached = false

    const tree = () => show(template, { ...instance.properties, ...instance.data })
    const isComponent = ({ tag }: Shown) => tag in components
    const keyOf = (element: Shown) => String(element.attributes['u-i'])

    /** Components come, go, and are given what changed, as the tree is now. */
    function settleChildren(): void {
      if (!isAttached) return
      const wanted = flatten(tree()).filter(isComponent)
      for (const [key, { child }] of children) {
        if (wanted.some(element => keyOf(element) === key)) continue
        children.delete(key)
        child.detach()
      }
      for (const element of wanted) {
        const key = keyOf(element)
        const properties = { uI: element.attributes['u-i'], uP: element.attributes['u-p'] }
        const known = children.get(key)
        if (known) {
          known.element = element
          known.child.give(properties)
        } else addChild(key, element, properties)
      }
    }

    function addChild(key: string, element: Shown, properties: Data): void {
      const childPath = join(path, '..', components[element.tag] as string)
      const entry = { element, child: undefined as unknown as Mounted }
      entry.child = mount(childPath, { properties, parent: { mounted, element: () => entry.element } })
      children.set(key, entry)
    }

    const mounted: Mounted = {
      instance,
      call(hook, ...args) {
        const work = instance[hook]
        return typeof work === 'function' ? work.apply(instance, args) : undefined
      },
      give(properties) {
        for (const [name, value] of Object.entries(properties)) {
          if (instance.properties[name] === value) continue
          instance.properties[name] = value
          definition.observers?.[name]?.call(instance, value)
        }
      },
      elements(around = []) {
        const place = (nodes: readonly (Shown | string)[], outer: readonly Placed[]): Placed[] =>
          nodes.flatMap(element => {
            if (typeof element === 'string') return []
            const placed = { element, owner: mounted, around: outer }
            const inner = [placed, ...outer]
            const child = children.get(keyOf(element))?.child
            return [placed, ...(isComponent(element) && child ? child.elements(inner) : place(element.children, inner))]
          })
        return place(tree(), around)
      },
      detach() {
        for (const { child } of children.values()) child.detach()
        definition.lifetimes?.detached?.call(instance)
      },
    }

    definition.created?.call(instance)
    definition.lifetimes?.created?.call(instance)
    definition.lifetimes?.attached?.call(instance)
    isAttached = true
    settleChildren()
    if (parent) definition.lifetimes?.ready?.call(instance)
    else instance.becomeReady = () => definition.lifetimes?.ready?.call(instance)
    return mounted
  }
}

/** An event as WeChat gives it to a handler. */
export function toEvent(type: string, detail: unknown = {}) {
  const target = { id: '', dataset: {} }
  return { type, timeStamp: Date.now(), target, currentTarget: target, detail }
}

function flatten(nodes: readonly (Shown | string)[]): Shown[] {
  return nodes.flatMap(node => (typeof node === 'string' ? [] : [node, ...flatten(node.children)]))
}

/** setData takes paths: `a`, `a.b`, `a[0].b`; Taro writes `a.[0].b`. */
function assign(data: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split(/[.[\]]+/).filter(name => name !== '')
  const last = names.pop() as string
  let place = data
  for (const name of names) place = place[name] as Record<string, unknown>
  place[last] = value
}
