import type { WxStorageArea } from '@mplogin/emulator/wx'

/** What a mini program of one person has stored, kept by the browser: a reload is the same phone, started again. */
export function rememberedStorage(personId: string, appid: string): WxStorageArea {
  const key = `mplogin-demo:storage:${personId}:${appid}`
  const area: WxStorageArea = new Map(JSON.parse(localStorage.getItem(key) ?? '[]'))
  const kept = <Result>(change: () => Result): Result => {
    const result = change()
    localStorage.setItem(key, JSON.stringify([...area]))
    return result
  }
  const { set, delete: remove, clear } = Map.prototype as WxStorageArea
  return Object.assign(area, {
    set: (...entry: Parameters<typeof set>) => kept(() => set.apply(area, entry)),
    delete: (name: string) => kept(() => remove.call(area, name)),
    clear: () => kept(() => clear.call(area)),
  })
}
