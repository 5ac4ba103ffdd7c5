import type { Migration } from 'kysely'
import * as initial from './0001-initial.js'
import * as avatars from './0002-avatars.js'
import * as accessTokens from './0003-access-tokens.js'

/** Every migration by name, applied in the order of the names. A released one is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-avatars': avatars,
  '0003-access-tokens': accessTokens,
}
