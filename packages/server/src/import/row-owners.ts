import { type Identity, identityKey, toIdentity } from '../accounts/identity.js'
import type { AccountStatus } from '../store/schema.js'
import type { RowOwner } from './decide-row.js'

type GrowingOwner = RowOwner & { identities: Identity[] }

/** The accounts that the rows of a batch may be about, found by id and by what proves them. */
export function createRowOwners() {
  const byId = new Map<string, GrowingOwner>()
  // An identity that is stored under its names of two times may have two owners.
  const byIdentity = new Map<string, Set<GrowingOwner>>()

  function attach(id: string, identities: readonly Identity[]): void {
    const owner = byId.get(id)
    if (!owner) throw new TypeError('attach: the account was not added')
    for (const identity of identities) {
      const key = identityKey(identity)
      if (!byIdentity.get(key)?.has(owner)) owner.identities.push(toIdentity(identity))
      byIdentity.set(key, (byIdentity.get(key) ?? new Set()).add(owner))
    }
  }

  return {
    /** Adds an account; once. */
    add({ id, status, identities }: { id: string; status: AccountStatus; identities: readonly Identity[] }): void {
      if (!byId.has(id)) byId.set(id, { id, status, identities: [] })
      attach(id, identities)
    },
    /** Adds identities to an account. */
    attach,
    /** Every account that has one of the row's claims, and the one whose id the row names. */
    of({ id, claims }: { readonly id: string | undefined; readonly claims: readonly Identity[] }): RowOwner[] {
      const named = id === undefined ? undefined : byId.get(id)
      const found = claims.flatMap(claim => [...(byIdentity.get(identityKey(claim)) ?? [])])
      return [...new Set([...(named ? [named] : []), ...found])]
    },
  }
}

export type RowOwners = ReturnType<typeof createRowOwners>
