import { beijingDay } from './beijing.js'
import { createMemory } from './memory.js'
import type { Clock, RandomBytes } from './types.js'

const ttlMs = 7200 * 1000
/** Old and new token both work for so long; and stable_token renews inside so much of the old one's end. */
const handOverMs = 300 * 1000
const forcePerDay = 20
const forceSpacingMs = 30 * 1000
/** Expired tokens are told from unknown ones for so long, our choice. */
const rememberMs = 48 * 3600 * 1000

/** Why a token was given: for counting. `same` and `forceIgnored` hand out the one that is there. */
export const tokenCauses = ['first', 'same', 'renewed', 'forced', 'forceIgnored', 'replaced'] as const
export type TokenCause = (typeof tokenCauses)[number]
export type TokenFamily = 'legacy' | 'stable'

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
  readonly cause: TokenCause
}

/** What WeChat knows of a token that is presented. */
export type TokenState =
  | { readonly kind: 'valid'; readonly appid: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' }

/** Access tokens in their two families per app, which do not touch each other (facts 2; confidence A). */
export function createTokens({ clock, random }: { clock: Clock; random: RandomBytes }) {
  const known = createMemory<Token>({ clock, keepMs: rememberMs })
  // The newest of an app, and the one before it while both work.
  const families = { legacy: new Map<string, Token[]>(), stable: new Map<string, Token[]>() }
  const forced = new Map<string, { day: number; count: number; lastAt: number }>()
  const counts = { legacy: new Map<TokenCause, number>(), stable: new Map<TokenCause, number>() }

  function newest(family: TokenFamily, appid: string): Token | undefined {
    const token = families[family].get(appid)?.[0]
    return token && clock().getTime() < token.endsAt ? token : undefined
  }

  function mint(family: TokenFamily, appid: string): Token {
    const token = {
      text: `${60 + ((random(1)[0] ?? 0) % 40)}_${random(100).toString('base64url')}`,
      appid,
      endsAt: clock().getTime() + ttlMs,
      isSuperseded: false,
    }
    known.set(token.text, token)
    families[family].set(appid, [token, ...(families[family].get(appid) ?? [])].slice(0, 2))
    return token
  }

  function supersede(family: TokenFamily, appid: string, inMs: number): void {
    for (const token of families[family].get(appid) ?? []) {
      if (clock().getTime() >= token.endsAt) continue
      token.endsAt = Math.min(token.endsAt, clock().getTime() + inMs)
      token.isSuperseded = true
    }
  }

  function answer(family: TokenFamily, token: Token, cause: TokenCause): IssuedToken {
    counts[family].set(cause, (counts[family].get(cause) ?? 0) + 1)
    return { token: token.text, expiresInSeconds: Math.round((token.endsAt - clock().getTime()) / 1000), cause }
  }

  /** Beyond 20 a day, or within 30 s of the last, forcing does not refresh. */
  function mayForce(appid: string): boolean {
    const [now, day] = [clock().getTime(), beijingDay(clock())]
    const past = forced.get(appid)
    const count = past?.day === day ? past.count : 0
    if (count >= forcePerDay || (past && now - past.lastAt < forceSpacingMs)) return false
    forced.set(appid, { day, count: count + 1, lastAt: now })
    return true
  }

  return {
    clear(): void {
      for (const part of [known, forced, ...Object.values(families), ...Object.values(counts)]) part.clear()
    },

    /** /cgi-bin/token: a new one each time; the former lives 5 more minutes. */
    issueLegacy(appid: string): IssuedToken {
      const cause = newest('legacy', appid) ? 'replaced' : 'first'
      supersede('legacy', appid, handOverMs)
      return answer('legacy', mint('legacy', appid), cause)
    },

    /** /cgi-bin/stable_token: the same one with what is left of it; a new one inside its last 300 s, or by force. */
    issueStable(appid: string, force: boolean): IssuedToken {
      const present = newest('stable', appid)
      const isForced = force && mayForce(appid)
      if (isForced) supersede('stable', appid, 0)
      else if (present && present.endsAt - clock().getTime() > handOverMs)
        return answer('stable', present, force ? 'forceIgnored' : 'same')
      const cause = !present ? 'first' : isForced ? 'forced' : 'renewed'
      return answer('stable', mint('stable', appid), cause)
    },

    /** Voids an app's tokens at once, as somebody else with its secret would. */
    void(appid: string, family: TokenFamily): void {
      supersede(family, appid, 0)
    },

    look(text: string): TokenState {
      const token = known.get(text)
      if (!token) return { kind: 'unknown' }
      if (clock().getTime() < token.endsAt) return { kind: 'valid', appid: token.appid }
      return { kind: token.isSuperseded ? 'unknown' : 'expired' }
    },

    /** How many were given, per family and cause. */
    counts: () => ({ legacy: countsOf(counts.legacy), stable: countsOf(counts.stable) }),
  }
}

export type Tokens = ReturnType<typeof createTokens>

/** Tokens given, by cause; a cause that never was is not there. */
export type TokenCounts = Partial<Record<TokenCause, number>>

function countsOf(counts: ReadonlyMap<TokenCause, number>): TokenCounts {
  return Object.fromEntries(counts)
}
