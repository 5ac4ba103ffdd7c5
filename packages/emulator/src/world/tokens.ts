import type { Clock, RandomBytes } from './types.js'

const ttlMs = 7200 * 1000
/** Old and new token both work for so long; and stable_token renews inside so much of the old one's end. */
const handOverMs = 300 * 1000
const forcePerDay = 20
const forceSpacingMs = 30 * 1000
const dayMs = 24 * 3600 * 1000

interface Token {
  readonly text: string
  readonly appid: string
  /** It works before this. */
  endsAt: number
  /** It was voided or replaced: after its end it is unknown, not expired. */
  isSuperseded: boolean
}

/** A token as WeChat answers it. */
export interface IssuedToken {
  readonly token: string
  readonly expiresInSeconds: number
}

/** What WeChat knows of a token that is presented. */
export type TokenState =
  | { readonly kind: 'valid'; readonly appid: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' }

/** Access tokens in their two families per app, which do not touch each other (facts 2; confidence A). */
export function createTokens({ clock, random }: { clock: Clock; random: RandomBytes }) {
  const known = new Map<string, Token>()
  const legacy = new Map<string, Token>()
  const stable = new Map<string, Token>()
  const forced = new Map<string, number[]>()

  function mint(appid: string): Token {
    const token = {
      text: `${60 + ((random(1)[0] ?? 0) % 40)}_${random(100).toString('base64url')}`,
      appid,
      endsAt: clock().getTime() + ttlMs,
      isSuperseded: false,
    }
    known.set(token.text, token)
    return token
  }

  function supersede(token: Token | undefined, inMs: number): void {
    if (!token) return
    token.endsAt = Math.min(token.endsAt, clock().getTime() + inMs)
    token.isSuperseded = true
  }

  function answer(token: Token): IssuedToken {
    return { token: token.text, expiresInSeconds: Math.round((token.endsAt - clock().getTime()) / 1000) }
  }

  /** Beyond 20 a day, or within 30 s of the last, forcing does not refresh. */
  function mayForce(appid: string): boolean {
    const now = clock().getTime()
    const times = (forced.get(appid) ?? []).filter(time => now - time < dayMs)
    const last = times.at(-1)
    if (times.length >= forcePerDay || (last !== undefined && now - last < forceSpacingMs)) return false
    forced.set(appid, [...times, now])
    return true
  }

  return {
    clear(): void {
      for (const map of [known, legacy, stable, forced]) map.clear()
    },

    /** /cgi-bin/token: a new one each time; the former lives 5 more minutes. */
    issueLegacy(appid: string): IssuedToken {
      supersede(legacy.get(appid), handOverMs)
      const token = mint(appid)
      legacy.set(appid, token)
      return answer(token)
    },

    /** /cgi-bin/stable_token: the same one with what is left of it; a new one inside its last 300 s, or by force. */
    issueStable(appid: string, force: boolean): IssuedToken {
      const present = stable.get(appid)
      const left = present ? present.endsAt - clock().getTime() : 0
      if (present && left > 0 && force && mayForce(appid)) supersede(present, 0)
      else if (present && left > handOverMs) return answer(present)
      const token = mint(appid)
      stable.set(appid, token)
      return answer(token)
    },

    look(text: string): TokenState {
      const token = known.get(text)
      if (!token) return { kind: 'unknown' }
      if (clock().getTime() < token.endsAt) return { kind: 'valid', appid: token.appid }
      return { kind: token.isSuperseded ? 'unknown' : 'expired' }
    },
  }
}

export type Tokens = ReturnType<typeof createTokens>
