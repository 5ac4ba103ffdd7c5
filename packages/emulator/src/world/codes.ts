import type { Clock, RandomBytes } from './types.js'

/** Both kinds of code live 5 minutes (facts 1, 3.1; confidence A). */
const codeTtlMs = 5 * 60 * 1000

const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Whose code it is, in which app. */
export interface Minted {
  readonly userId: string
  readonly appid: string
}

/** What WeChat knows of a code that is presented. */
export type CodeState =
  | { readonly kind: 'valid'; readonly minted: Minted; readonly mintedAt: Date }
  | { readonly kind: 'used' }
  | { readonly kind: 'unknown' }

/** One kind of single-use code. A newer code does not void older ones (facts 1; confidence C). */
function createCodes({ clock, mint }: { clock: Clock; mint: () => string }) {
  const codes = new Map<string, Minted & { mintedAt: Date; isUsed: boolean }>()
  return {
    clear: () => codes.clear(),
    /** A new code; its 5 minutes begin now (for the phone button: at the tap). */
    issue(minted: Minted): string {
      const code = mint()
      codes.set(code, { ...minted, mintedAt: clock(), isUsed: false })
      return code
    },
    look(code: string): CodeState {
      const known = codes.get(code)
      if (!known) return { kind: 'unknown' }
      if (known.isUsed) return { kind: 'used' }
      if (clock().getTime() - known.mintedAt.getTime() > codeTtlMs) return { kind: 'unknown' }
      const { userId, appid, mintedAt } = known
      return { kind: 'valid', minted: { userId, appid }, mintedAt }
    },
    spend(code: string): void {
      const known = codes.get(code)
      if (known) known.isUsed = true
    },
  }
}

export type Codes = ReturnType<typeof createCodes>

/** Codes of wx.login: 32 letters and digits, beginning with 0 (facts 1; confidence B). */
export function createLoginCodes({ clock, random }: { clock: Clock; random: RandomBytes }): Codes {
  const mint = () => `0${Array.from(random(31), byte => alphanumeric[byte % alphanumeric.length]).join('')}`
  return createCodes({ clock, mint })
}

/** Codes of the phone button: 64 lower-case hex digits (facts 3.1; confidence B). */
export function createPhoneCodes({ clock, random }: { clock: Clock; random: RandomBytes }): Codes {
  return createCodes({ clock, mint: () => random(32).toString('hex') })
}
