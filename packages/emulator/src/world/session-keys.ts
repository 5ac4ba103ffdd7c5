import type { Settings } from './settings.js'
import type { Clock, RandomBytes } from './types.js'

interface SessionKey {
  readonly key: string
  readonly mintedAtMs: number
  /** Pushed on by each use. */
  endsAtMs: number
}

/**
 * Session keys: 16 bytes in base64, one at a time per openid (facts 1.3; confidence A). That a login may rotate the key, not
 * within a minimum interval, and that its life slides is documented; the numbers are secret, so they are settings.
 */
export function createSessionKeys(deps: { clock: Clock; random: RandomBytes; settings: Settings }) {
  const { clock, random, settings } = deps
  const keys = new Map<string, SessionKey>()
  const id = (appid: string, openid: string) => `${appid} ${openid}`

  function mint(at: string, endsAtMs = clock().getTime() + settings.get().sessionKeyTtlSeconds * 1000): string {
    const key = random(16).toString('base64')
    keys.set(at, { key, mintedAtMs: clock().getTime(), endsAtMs })
    return key
  }

  function live(at: string): SessionKey | undefined {
    const known = keys.get(at)
    return known && clock().getTime() < known.endsAtMs ? known : undefined
  }

  function isDue({ mintedAtMs }: SessionKey): boolean {
    const { sessionKeyRotateAlways, sessionKeyRotateSeconds, sessionKeyRotateChance } = settings.get()
    if (sessionKeyRotateAlways) return true
    if (clock().getTime() - mintedAtMs < sessionKeyRotateSeconds * 1000) return false
    return sessionKeyRotateChance >= 1 || random(4).readUInt32BE() / 2 ** 32 < sessionKeyRotateChance
  }

  return {
    clear: () => keys.clear(),

    /** The living key; undefined when there is none, or nobody used it for too long. */
    find: (appid: string, openid: string): string | undefined => live(id(appid, openid))?.key,

    /** The key to answer with or to encrypt under: the living one, which this use keeps alive, or a new one. */
    use(appid: string, openid: string): string {
      const at = id(appid, openid)
      const known = live(at)
      if (!known) return mint(at)
      known.endsAtMs = clock().getTime() + settings.get().sessionKeyTtlSeconds * 1000
      return known.key
    },

    /** What wx.login does to it: the old one may die. */
    login(appid: string, openid: string): void {
      const at = id(appid, openid)
      const known = live(at)
      if (!known || isDue(known)) mint(at)
    },

    /** A new key in place of the living one; its end is inherited, not put off (facts 4.1; confidence A). */
    replace(appid: string, openid: string): string | undefined {
      const at = id(appid, openid)
      const known = live(at)
      return known && mint(at, known.endsAtMs)
    },
  }
}

export type SessionKeys = ReturnType<typeof createSessionKeys>
