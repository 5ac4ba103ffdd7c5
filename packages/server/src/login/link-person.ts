import type { ConflictChoice, Outcome } from '@mplogin/contract'
import { carryOut } from '../accounts/carry-out.js'
import { decideLink } from '../accounts/decide-link.js'
import type { AccountHooks } from '../accounts/hooks.js'
import type { Claim } from '../accounts/identity.js'
import type { LinkPolicy } from '../accounts/link-policy.js'
import { lockOwners } from '../accounts/lock-owners.js'
import { renewPhoneClaim } from '../accounts/phone-number.js'
import { findSeparated } from '../accounts/undo-merge.js'
import { LoginError } from '../errors.js'
import type { Keyring } from '../keyring.js'
import { holdCurrentSecret } from '../ops/current-secret.js'
import type { Tx } from '../store/database.js'
import { RaceLostError } from '../store/failure-kind.js'
import type { ConflictTickets } from './conflict-tickets.js'
import type { RequestContext } from './context.js'

/** Who proved what, where. */
export interface LinkRequest {
  readonly appid: string
  readonly claims: readonly Claim[]
  readonly signedInId?: string | undefined
  /** Asked once the owners are held still: whether what the request was made of is still so. */
  readonly stillHolds?: ((tx: Tx) => Promise<boolean>) | undefined
  readonly choice?: ConflictChoice | undefined
}

/** The account a person is, and how it came to that. */
export interface Linked {
  readonly accountId: string
  readonly outcome: Outcome
}

/** What linking stands on. */
export interface LinkDeps {
  readonly policy: LinkPolicy
  readonly tickets: ConflictTickets
  readonly keyring: Keyring
  readonly hooks: AccountHooks
}

/** Reads the facts and holds them, decides, and carries the decision out, all in the caller's transaction. */
export function createLinkPerson({ policy, tickets, keyring, hooks }: LinkDeps) {
  /** @throws LoginError ACCOUNT_CONFLICT, PHONE_MAY_BE_RECYCLED (with a ticket) · PHONE_ALREADY_BOUND · ACCOUNT_DISABLED */
  return async function linkPerson(
    tx: Tx,
    request: LinkRequest,
    context: RequestContext & { now: Date },
  ): Promise<Linked> {
    const { appid, signedInId, choice } = request
    const { now } = context
    const claims = await underCurrentSecret(tx, keyring, request.claims)
    const { owners, relabel } = await lockOwners(tx, claims, now, signedInId)
    if (request.stillHolds && !(await request.stillHolds(tx)))
      throw new RaceLostError('the request is of a former state')
    const ids = owners.map(owner => owner.id)
    const separated = ids.length > 1 ? await findSeparated(tx, ids) : []
    const decision = decideLink(
      { claims, owners, separated, now, ...(signedInId && { signedInId }), ...(choice && { choice }) },
      policy,
    )
    switch (decision.kind) {
      case 'refuse':
        throw new LoginError(decision.code, `refused by ${decision.rule ?? 'the state of an account'}`)
      case 'conflict': {
        const ticket = tickets.issue({ appid, claims, choices: decision.choices, signedInId })
        throw new LoginError(decision.code, `asked by ${decision.rule}`, {
          conflict: { ticket, choices: decision.choices },
        })
      }
      case 'proceed':
        return { accountId: await carryOut(tx, decision, relabel, { ...context, hooks }), outcome: decision.outcome }
    }
  }
}

export type LinkPerson = ReturnType<typeof createLinkPerson>

/** The claims as they are stored today: a phone's hash and text are made under the secret that is current now. */
async function underCurrentSecret(tx: Tx, keyring: Keyring, claims: readonly Claim[]): Promise<Claim[]> {
  if (!claims.some(claim => claim.kind === 'phone')) return [...claims]
  await holdCurrentSecret(tx, keyring)
  return claims.map(claim => (claim.sealed === undefined ? claim : renewPhoneClaim(keyring, claim.sealed)))
}
