import { createMemory } from './memory.js'
import type { Phone } from './phone.js'
import type { Clock, RandomBytes } from './types.js'

/** Both kinds of code live 5 minutes (facts 1, 3.1; confidence A). */
const codeTtlMs = 5 * 60 * 1000
/** Used and old codes are told apart for so long, our choice; after it a used one is unknown. */
const rememberMs = 60 * 60 * 1000

const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Whose code it is, in which app. */
export interface Minted {
  readonly userId: string
  readonly appid: string
}

/** A phone code is for the number that the user chose at the tap. */
export interface MintedPhone extends Minted {
  readonly phone: Phone
}

/** What WeChat knows of a code that is presented. */
export type CodeState<M extends Minted = Minted> =
  | { readonly kind: 'valid'; readonly minted: M; readonly mintedAt: Date }
  | { readonly kind: 'used' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' }

/** One kind of single-use code. A newer code does not void older ones (facts 1; confidence C). */
function createCodes<M extends Minted>({ clock, mint }: { clock: Clock; mint: () => string }) {
  const codes = createMemory<{ minted: M; mintedAt: Date; isUsed: boolean }>({ clock, keepMs: rememberMs })
  return {
    clear: codes.clear,
    /** A new code; its 5 minutes begin now (for the phone button: at the tap). */
    issue(minted: M): string {
      const code = mint()
      codes.set(code, { minted, mintedAt: clock(), isUsed: false })
      return code
    },
    look(code: string): CodeState<M> {
      const known = codes.get(code)
      if (!known) return { kind: 'unknown' }
      if (known.isUsed) return { kind: 'used' }
      const { minted, mintedAt } = known
      if (clock().getTime() - mintedAt.getTime() > codeTtlMs) return { kind: 'expired' }
      return { kind: 'valid', minted, mintedAt }
    },
    spend(code: string): void {
      const known = codes.get(code)
      if (known) known.isUsed = true
    },
  }
}

/** Codes of wx.login: 32 letters and digits, beginning with 0 (facts 1; confidence B). */
export function createLoginCodes({ clock, random }: { clock: Clock; random: RandomBytes }) {
  const mint = () => `0${Array.from(random(31), byte => alphanumeric[byte % alphanumeric.length]).join('')}`
  return createCodes<Minted>({ clock, mint })
}

/** Codes of the phone button: 64 lower-case hex digits (facts 3.1; confidence B). */
export function createPhoneCodes({ clock, random }: { clock: Clock; random: RandomBytes }) {
  return createCodes<MintedPhone>({ clock, mint: () => random(32).toString('hex') })
}

/** Codes of wx.pluginLogin: 64 lower-case hex digits, as in the document's sample. */
export function createPluginCodes({ clock, random }: { clock: Clock; random: RandomBytes }) {
  return createCodes<Minted>({ clock, mint: () => random(32).toString('hex') })
}
