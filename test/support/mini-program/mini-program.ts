import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { createWx } from '@mplogin/emulator/wx'
import { createInstances, type Definition, type Mounted, type Placed, toEvent } from './instances.js'
import { createModules } from './modules.js'
import { dispatch, findAll, formValues, type NameAttribute, textOf } from './screen.js'

type Wx = ReturnType<typeof createWx>
type Tap = Parameters<Wx['tapPhoneButton']>[0]

interface Callbacks {
  success?(result: object): void
  fail?(failure: object): void
  complete?(result: object): void
}

/** What `App` is called with. */
interface AppOptions {
  onLaunch?(options: object): void
  onShow?(options: object): void
}

/** What `Page` is called with in a plain mini program. */
type NativePage = Record<string, unknown> & { readonly data?: Record<string, unknown> }

/** How a compiled mini program is run. */
export interface MiniProgramOptions {
  /** What the compiler wrote, with app.js. */
  readonly directory: string
  readonly wx: Wx
  /** Changes the code before it runs, such as the addresses in it. */
  readonly edit?: (code: string) => string
  /** Where the file of an npm package is, such as `@mplogin/client/wx`. Default: there are none. */
  readonly findPackage?: (name: string) => string
  /** Where elements have the names that they are found by. Default `data-testid`. */
  readonly nameAttribute?: NameAttribute
}

/**
 * Runs a compiled mini program, and is the person who holds the phone: sees what is on the page, and taps. Pages, components
 * and their events are as in WeChat, so far as uni-app uses them; APIs of the phone are the emulator's `wx`. What goes wrong
 * in the app, and every API it calls that is not there, is in `complaints`.
 */
export async function startMiniProgram(options: MiniProgramOptions) {
  const { directory, wx, edit = code => code, findPackage = noPackage } = options
  const { nameAttribute = 'data-testid' } = options
  const config = JSON.parse(readFileSync(join(directory, 'app.json'), 'utf8')) as {
    pages: string[]
    tabBar: { list: { pagePath: string }[] }
  }
  const definitions = new Map<string, Definition>()
  const complaints: string[] = []
  const toasts: string[] = []
  const tabs: string[] = []
  let title = ''
  let dialog: { readonly options: Record<string, unknown>; settle(answer: object): void } | undefined
  let loading = ''
  let app: AppOptions | undefined

  type Page = { readonly mounted: Mounted; readonly route: string; readonly typed: Map<string, string> }
  let stack: Page[] = []
  const resting = new Map<string, Page>()
  const current = () => stack.at(-1) as Page
  const isTab = (route: string) => config.tabBar.list.some(({ pagePath }) => pagePath === route)

  const answer = (options: Callbacks | undefined, work: () => void) => {
    const result = {}
    work()
    setTimeout(() => {
      options?.success?.(result)
      options?.complete?.(result)
    })
  }
  const ask = (options: Record<string, unknown> & Callbacks) => {
    dialog = {
      options,
      settle(result) {
        dialog = undefined
        if ('errMsg' in result && String(result.errMsg).includes(':fail')) options.fail?.(result)
        else options.success?.(result)
        options.complete?.(result)
      },
    }
  }
  const own = {
    getLaunchOptionsSync: () => ({ path: config.pages[0], query: {}, scene: 1001 }),
    getWindowInfo: () => wx.getSystemInfoSync(),
    canIUse: () => true,
    setNavigationBarTitle: (options: { title: string } & Callbacks) =>
      answer(options, () => {
        title = options.title
      }),
    setTabBarItem: (options: { index: number; text: string } & Callbacks) =>
      answer(options, () => {
        tabs[options.index] = options.text
      }),
    showToast: (options: { title: string } & Callbacks) => answer(options, () => void toasts.push(options.title)),
    showModal: ask,
    showActionSheet: ask,
    navigateTo: (options: { url: string } & Callbacks) => answer(options, () => void open(options.url)),
    navigateBack: (options: { delta?: number } & Callbacks = {}) => answer(options, () => void back(options.delta)),
    switchTab: (options: { url: string } & Callbacks) => answer(options, () => void switchTab(options.url)),
  }
  const missing = new Set<string>()
  const known: Record<string, unknown> = { ...wx, ...own }
  const sandboxWx = new Proxy(known, {
    get(target, name: string) {
      if (!(name in target)) missing.add(name)
      return target[name]
    },
  })
  const complain = (...parts: unknown[]) => void complaints.push(parts.map(String).join(' '))
  const globals = {
    wx: sandboxWx,
    App(options: AppOptions): void {
      app = options
    },
    Page: (page: NativePage) => void definitions.set(loading, toDefinition(page)),
    Component: (definition: Definition) => void definitions.set(loading, definition),
    getApp: () => app,
    getCurrentPages: () => stack.map(({ mounted }) => mounted.instance),
    global: {},
    ...{ setTimeout, clearTimeout, setInterval, clearInterval },
    console: { log: () => undefined, info: () => undefined, warn: complain, error: complain },
  }
  const { load } = createModules(directory, globals, { edit, findPackage })

  const mount = createInstances(directory, path => {
    loading = path
    load(`${path}.js`)
    const definition = definitions.get(path)
    if (!definition) throw new Error(`${path}.js registers nothing`)
    return definition
  })

  function start(url: string): Page {
    const [path = '', query = ''] = url.replace(/^\//, '').split('?')
    if (!config.pages.includes(path)) throw new Error(`${path}: no such page`)
    const mounted = mount(path, { route: path })
    const page = { mounted, route: path, typed: new Map<string, string>() }
    stack.push(page)
    mounted.call('onLoad', Object.fromEntries(new URLSearchParams(query)))
    mounted.call('onShow')
    mounted.call('becomeReady')
    mounted.call('onReady')
    return page
  }
  function open(url: string): void {
    current().mounted.call('onHide')
    start(url)
  }
  function leave(page: Page): void {
    page.mounted.call('onUnload')
    page.mounted.detach()
  }
  function back(delta = 1): void {
    for (const page of stack.splice(Math.max(1, stack.length - delta))) leave(page)
    current().mounted.call('onShow')
  }
  function switchTab(url: string): void {
    const route = url.replace(/^\//, '')
    if (!isTab(route)) throw new Error(`${url}: no tab`)
    for (const page of stack.splice(1)) leave(page)
    const [before] = stack.splice(0)
    if (before) resting.set(before.route, before)
    const rested = resting.get(route)
    if (!rested) return void start(url)
    stack = [rested]
    rested.mounted.call('onShow')
  }

  const elements = () => current().mounted.elements()
  const findAllNow = (name: string) => findAll(elements(), name, nameAttribute)
  /** The one element of that name. @throws when it is not there, or one of several */
  function find(name: string, index?: number): Placed {
    const found = findAllNow(name)
    const placed = found[index ?? 0]
    if (!placed || (index === undefined && found.length > 1))
      throw new Error(`${found.length} elements ${name} on ${current().route}: ${text()}`)
    return placed
  }
  function enabled(name: string, index?: number): Placed {
    const placed = find(name, index)
    if (placed.element.attributes.disabled) throw new Error(`${name} is disabled`)
    return placed
  }
  const text = () =>
    elements()
      .flatMap(({ element }) => element.children.filter(child => typeof child === 'string'))
      .join('\n')

  load('app.js')
  app?.onLaunch?.(own.getLaunchOptionsSync())
  app?.onShow?.(own.getLaunchOptionsSync())
  start(config.pages[0] as string)
  await soon()

  return {
    complaints,
    toasts,
    tabs,
    missing,
    title: () => title,
    route: () => current().route,
    depth: () => stack.length,
    text,
    has: (name: string) => findAllNow(name).length > 0,
    count: (name: string) => findAllNow(name).length,
    textOf: (name: string, index?: number) => textOf(find(name, index).element),
    attribute: (name: string, attribute: string) => find(name).element.attributes[attribute],
    isDisabled: (name: string) => Boolean(find(name).element.attributes.disabled),

    /** A tap, which bubbles; on the button of a form it submits the form. */
    tap(name: string, index?: number): void {
      const placed = enabled(name, index)
      const isHeard = dispatch(placed, toEvent('tap'), true)
      const form = placed.around.find(({ element }) => element.tag === 'form')
      if (placed.element.attributes['form-type'] === 'submit' && form) {
        const all = elements()
        const same = all.find(({ element }) => element.attributes.bindsubmit === form.element.attributes.bindsubmit)
        dispatch(form, toEvent('submit', { value: formValues(same as Placed, all, current().typed) }), false)
      } else if (!isHeard) throw new Error(`${name}: a tap does nothing`)
    },

    /** The tap on a phone button, and what the person does on WeChat's sheet. */
    async tapPhoneButton(name: string, tap: Tap = {}): Promise<void> {
      const placed = enabled(name)
      const openType = String(placed.element.attributes['open-type']).split('|')
      if (!openType.includes('getPhoneNumber')) throw new Error(`${name} is no phone button`)
      const combined = openType.includes('agreePrivacyAuthorization') ? { combined: 'agree' as const } : {}
      const event = await wx.tapPhoneButton({ ...combined, ...tap })
      dispatch(placed, toEvent(event.type, event.detail), false)
    },

    /** The person chooses a picture for a button of `open-type="chooseAvatar"`. */
    chooseAvatar(name: string, picture: Uint8Array): void {
      const placed = enabled(name)
      if (placed.element.attributes['open-type'] !== 'chooseAvatar') throw new Error(`${name} chooses no avatar`)
      dispatch(
        placed,
        toEvent('chooseavatar', { avatarUrl: wx.addTempFile(picture, { extension: 'png', type: 'image/png' }) }),
        false,
      )
    },

    async type(name: string, value: string): Promise<void> {
      const placed = enabled(name)
      current().typed.set(String(placed.element.attributes.name), value)
      dispatch(placed, toEvent('input', { value, cursor: value.length }), false)
      await soon()
    },

    /** Answers the dialog or the sheet, once it is open. */
    async answer(reply: { confirm: boolean } | { tapIndex: number } | 'cancel'): Promise<void> {
      for (let tries = 0; !dialog && tries < 200; tries++) await soon()
      if (!dialog) throw new Error('no dialog is open')
      const { settle } = dialog
      if (reply === 'cancel') settle({ errMsg: 'showActionSheet:fail cancel' })
      else if ('confirm' in reply) settle({ ...reply, cancel: !reply.confirm })
      else settle(reply)
    },
    dialog: () => dialog?.options,

    switchTab,
    back: () => back(),
  }
}

function noPackage(name: string): never {
  throw new Error(`require('${name}'): no such module`)
}

function toDefinition({ data = {}, ...rest }: NativePage): Definition {
  return { data, methods: rest as NonNullable<Definition['methods']> }
}

/** Until the app has done what was to be done at once. */
const soon = () => new Promise(resolve => setTimeout(resolve, 5))

export type MiniProgram = Awaited<ReturnType<typeof startMiniProgram>>
