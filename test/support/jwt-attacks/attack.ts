import { type Algorithm, encode, type TokenWorld } from '../jwt-forge.js'

/** A way to bring a token that should not count. */
export interface Attack {
  readonly title: string
  /** Where it depends on how the tokens are signed; all else is tried once, with the default. */
  readonly of?: readonly Algorithm[]
  readonly code: 'UNAUTHENTICATED' | 'TOKEN_EXPIRED'
  /** The tokens, by what is wrong with each. */
  forge(world: TokenWorld): Record<string, string>
}

export type Forge = Attack['forge']

/** An attack on what nobody can tell from a token of somebody else. */
export const refused = (title: string, forge: Forge, of?: readonly Algorithm[]): Attack => ({
  ...{ title, code: 'UNAUTHENTICATED', forge },
  ...(of && { of }),
})

/** One token for each value, named after it. */
export function each<T>(values: readonly T[], forge: (value: T) => string): Record<string, string> {
  return Object.fromEntries(values.map(value => [nameOf(value), forge(value)]))
}
/** A value as it appears in the name of a token. */
export const nameOf = (value: unknown) => (value === undefined ? 'absent' : (JSON.stringify(value) ?? '').slice(0, 80))

/** A header of another text, on a genuine payload and signature. */
export function pasted({ parts }: TokenWorld, header: object): string {
  return `${encode(header)}.${parts.payload}.${parts.signature}`
}

export const every: readonly Algorithm[] = ['ES256', 'EdDSA', 'RS256']

/** What a header parameter or a claim is never. */
export const wrongTypes = [undefined, null, '', 7, true, {}, ['x']]
