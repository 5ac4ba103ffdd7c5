import { createLoginClient } from '@mplogin/client'
import { useLogin } from '@mplogin/client/vue'
import { wxPlatform } from '@mplogin/client/wx'
import { createWx } from '@mplogin/emulator/wx'
import { emulatorUrl } from './emulator.js'
import { useLanguage } from './language.js'
import { recordingFetch } from './recording-fetch.js'
import { rememberedStorage } from './remembered.js'

const storageKey = 'mplogin'
const { language } = useLanguage()

/** So much of what the SDK stores as is shown. */
interface StoredSession {
  readonly receivedAt: number
  readonly expiresIn: number
}

/** A mini program on the phone of a person: WeChat's `wx`, played by the emulator, and the SDK on it as in a real one. */
export function createVirtualPhone(personId: string, appid: string) {
  const wx = createWx(emulatorUrl(), personId, {
    appid,
    device: { model: 'mplogin demo' },
    fetch: recordingFetch,
    storage: rememberedStorage(personId, appid),
  })
  const platform = wxPlatform(wx)
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const client = createLoginClient({
    baseUrl: location.origin,
    platform: {
      ...platform,
      get header() {
        return { ...platform.header, 'Accept-Language': language.value }
      },
    },
    storageKey,
    now,
  })
  const tokenEndsAt = () => {
    const stored = JSON.parse(wx.getStorageSync(storageKey) || 'null') as StoredSession | null
    return stored ? stored.receivedAt + stored.expiresIn * 1000 : now()
  }

  return {
    wx,
    client,
    ...useLogin(client),
    /** How long the access token is good, by the phone's clock. */
    tokenSecondsLeft: () => Math.max(0, Math.round((tokenEndsAt() - now()) / 1000)),
    /** The phone's clock goes on until the token is over; what the SDK sends next, it sends with a new one. */
    skipToTokenEnd(): void {
      aheadMs += Math.max(0, tokenEndsAt() - now())
    },
  }
}

export type VirtualPhone = ReturnType<typeof createVirtualPhone>
