import { beforeEach, describe, expect, it } from 'vitest'
import { createStorage, type WxStorageArea } from './storage.js'

let area: WxStorageArea
let storage: ReturnType<typeof createStorage>
beforeEach(() => {
  area = new Map()
  storage = createStorage(area)
})
const mega = 1024 * 1024

describe('storage', () => {
  it.each<[string, unknown]>([
    ['a text', 'text'],
    ['an empty text', ''],
    ['a number', 0],
    ['a truth value', false],
    ['null', null],
    ['a list', [1, { a: 'b' }]],
    ['an object', { a: { b: [1] } }],
    ['a date', new Date('2026-06-01T08:00:00Z')],
  ])('gives %s back as it was', async (_title, data) => {
    storage.setStorageSync('sync', data)
    await storage.setStorage({ key: 'async', data })
    expect(storage.getStorageSync('sync')).toEqual(data)
    expect(await storage.getStorage({ key: 'async' })).toEqual({ data, errMsg: 'getStorage:ok' })
  })

  it('keeps a copy: what is changed later is not stored', () => {
    const data = { list: [1] }
    storage.setStorageSync('key', data)
    data.list.push(2)
    storage.getStorageSync('key').list.push(3)
    expect(storage.getStorageSync('key')).toEqual({ list: [1] })
  })

  it('knows nothing of what is not there: an empty text, or a failure', async () => {
    expect(storage.getStorageSync('nothing')).toBe('')
    await expect(storage.getStorage({ key: 'nothing' })).rejects.toEqual({ errMsg: 'getStorage:fail data not found' })
    expect(await storage.removeStorage({ key: 'nothing' })).toEqual({ errMsg: 'removeStorage:ok' })
  })

  it('survives in its area, as a mini program that is started again finds it', () => {
    storage.setStorageSync('token', 'x')
    expect(createStorage(area).getStorageSync('token')).toBe('x')
    expect(createStorage(new Map()).getStorageSync('token')).toBe('')
  })

  it('calls back later, with the errMsg of its verb', async () => {
    const order: string[] = []
    await new Promise<void>(resolve => {
      const success = ({ errMsg }: { errMsg: string }) => void order.push(errMsg)
      const returned = storage.setStorage({ key: 'a', data: 1, success, complete: () => resolve() })
      order.push(`returned ${returned}`)
    })
    expect(order).toEqual(['returned undefined', 'setStorage:ok'])
  })

  it('removes one, and all; tells what it holds', async () => {
    storage.setStorageSync('a', 'x'.repeat(2047))
    await storage.setStorage({ key: 'b', data: 1 })
    expect(storage.getStorageInfoSync()).toEqual({ keys: ['a', 'b'], currentSize: 3, limitSize: 10_240 })
    storage.removeStorageSync('a')
    expect(await storage.getStorageInfo()).toEqual({
      keys: ['b'],
      currentSize: 1,
      limitSize: 10_240,
      errMsg: 'getStorageInfo:ok',
    })
    await storage.clearStorage()
    storage.setStorageSync('c', 1)
    storage.clearStorageSync()
    expect(area.size).toBe(0)
  })

  it('takes 1 MB per key, key included', async () => {
    storage.setStorageSync('k', 'x'.repeat(mega - 1))
    const tooLong = { key: 'k', data: 'x'.repeat(mega) }
    expect(() => storage.setStorageSync(tooLong.key, tooLong.data)).toThrow(
      'setStorageSync:fail:entry size limit reached',
    )
    await expect(storage.setStorage(tooLong)).rejects.toEqual({ errMsg: 'setStorage:fail:entry size limit reached' })
    // What was there stays.
    expect(storage.getStorageSync('k')).toHaveLength(mega - 1)
  })

  it('takes 10 MB in all; replacing counts once', async () => {
    for (let i = 0; i < 10; i++) storage.setStorageSync(String(i), 'x'.repeat(mega - 1))
    storage.setStorageSync('0', 'y'.repeat(mega - 1))
    expect(() => storage.setStorageSync('more', '')).toThrow('setStorageSync:fail exceed storage max size 10Mb')
    await expect(storage.setStorage({ key: 'more', data: '' })).rejects.toEqual({
      errMsg: 'setStorage:fail exceed storage max size 10Mb',
    })
    storage.removeStorageSync('9')
    storage.setStorageSync('more', '')
  })

  it('refuses keys that are no text, and data that is no JSON', async () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    expect(() => storage.setStorageSync('a', circular)).toThrow(/^setStorageSync:fail Converting circular/)
    await expect(storage.getStorage({ key: undefined as unknown as string })).rejects.toEqual({
      errMsg: 'getStorage:fail parameter error: parameter.key should be String instead of Undefined;',
    })
    expect(() => storage.getStorageSync(7 as unknown as string)).toThrow(
      'getStorageSync:fail parameter error: parameter.key should be String instead of Number;',
    )
  })
})
