import { callBackOrPromise, failure, type WxCallbacks } from './settle.js'

/** What a mini program of one WeChat user has stored: by key the serialised value with its kind. */
export type WxStorageArea = Map<string, StoredValue>

/** A value as it is kept. */
export interface StoredValue {
  readonly kind: 'text' | 'json' | 'date'
  readonly text: string
}

/** Facts 5.5 (confidence A); counted in characters of key and serialised value, as the client does (confidence C). */
const maxEntry = 1024 * 1024
const maxTotal = 10 * 1024 * 1024

/** What the verbs about one key take. */
export interface WithKey {
  readonly key: string
}

/** Storage with its synchronous and asynchronous verbs. */
export function createStorage(area: WxStorageArea) {
  const sizeOf = (key: string, { text }: StoredValue) => key.length + text.length
  const total = () => [...area].reduce((sum, [key, value]) => sum + sizeOf(key, value), 0)

  /** @throws WxFailure */
  function set(api: string, key: unknown, data: unknown): void {
    const name = checkKey(api, key)
    const value = serialise(api, data)
    const size = sizeOf(name, value)
    // The words of WeChat's client (confidence C).
    if (size > maxEntry) throw { errMsg: `${api}:fail:entry size limit reached` }
    const before = area.get(name)
    if (total() - (before ? sizeOf(name, before) : 0) + size > maxTotal)
      throw failure(api, 'exceed storage max size 10Mb')
    area.set(name, value)
  }

  /** undefined: nothing is stored there. @throws WxFailure */
  function find(api: string, key: unknown): { data: unknown } | undefined {
    const value = area.get(checkKey(api, key))
    return value && { data: restore(value) }
  }

  const info = () => ({
    keys: [...area.keys()],
    currentSize: Math.ceil(total() / 1024),
    limitSize: maxTotal / 1024,
  })

  return {
    setStorageSync: (key: string, data: unknown): void => synchronously(() => set('setStorageSync', key, data)),
    /** An empty text when nothing is stored there. */
    // biome-ignore lint/suspicious/noExplicitAny: as in WeChat's own typings, it is whatever was stored
    getStorageSync: (key: string): any => synchronously(() => (find('getStorageSync', key) ?? { data: '' }).data),
    removeStorageSync: (key: string): void => synchronously(() => void area.delete(checkKey('removeStorageSync', key))),
    clearStorageSync: (): void => area.clear(),
    getStorageInfoSync: info,

    setStorage: <Options extends WithKey & { data: unknown } & WxCallbacks>(options: Options) =>
      callBackOrPromise('setStorage', options, () => {
        set('setStorage', options.key, options.data)
        return {}
      }),
    getStorage: <Options extends WithKey & WxCallbacks<{ data: unknown }>>(options: Options) =>
      callBackOrPromise('getStorage', options, () => {
        const found = find('getStorage', options.key)
        if (!found) throw failure('getStorage', 'data not found')
        return found
      }),
    removeStorage: <Options extends WithKey & WxCallbacks>(options: Options) =>
      callBackOrPromise('removeStorage', options, () => {
        area.delete(checkKey('removeStorage', options.key))
        return {}
      }),
    clearStorage: <Options extends WxCallbacks>(options?: Options) =>
      callBackOrPromise('clearStorage', options, () => {
        area.clear()
        return {}
      }),
    getStorageInfo: <Options extends WxCallbacks<ReturnType<typeof info>>>(options?: Options) =>
      callBackOrPromise('getStorageInfo', options, info),
  }
}

/** The synchronous verbs throw an Error whose message is the errMsg. */
function synchronously<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    const { errMsg } = error as { errMsg: string }
    throw Object.assign(new Error(errMsg), { errMsg })
  }
}

/** @throws WxFailure */
function checkKey(api: string, key: unknown): string {
  if (typeof key === 'string') return key
  const kind = Object.prototype.toString.call(key).slice(8, -1)
  throw failure(api, `parameter error: parameter.key should be String instead of ${kind};`)
}

/** Dates stay dates; everything else is text or JSON, so that what is read is never the object that was stored. */
function serialise(api: string, data: unknown): StoredValue {
  if (typeof data === 'string') return { kind: 'text', text: data }
  if (data instanceof Date) return { kind: 'date', text: String(data.getTime()) }
  try {
    return { kind: 'json', text: JSON.stringify(data) ?? '""' }
  } catch (error) {
    throw failure(api, (error as Error).message)
  }
}

function restore({ kind, text }: StoredValue): unknown {
  if (kind === 'text') return text
  return kind === 'date' ? new Date(Number(text)) : JSON.parse(text)
}
