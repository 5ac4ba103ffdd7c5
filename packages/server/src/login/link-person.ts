import type { ConflictChoice, Outcome } from '@mplogin/contract'
import { carryOut } from '../accounts/carry-out.js'
import { decideLink } from '../accounts/decide-link.js'
import { findOwners } from '../accounts/find-owners.js'
import type { Claim } from '../accounts/identity.js'
import type { LinkPolicy } from '../accounts/link-policy.js'
import { LoginError } from '../errors.js'
import type { Tx } from '../store/database.js'
import type { ConflictTickets } from './conflict-tickets.js'
import type { RequestContext } from './context.js'

/** Who proved what, where. */
export interface LinkRequest {
  readonly appid: string
  readonly claims: readonly Claim[]
  readonly signedInId?: string | undefined
  readonly choice?: ConflictChoice | undefined
}

/** The account a person is, and how it came to that. */
export interface Linked {
  readonly accountId: string
  readonly outcome: Outcome
}

/** Reads the facts, decides and carries the decision out, all in the caller's transaction. */
export function createLinkPerson({ policy, tickets }: { policy: LinkPolicy; tickets: ConflictTickets }) {
  /** @throws LoginError ACCOUNT_CONFLICT, PHONE_MAY_BE_RECYCLED (with a ticket) · PHONE_ALREADY_BOUND · ACCOUNT_DISABLED */
  return async function linkPerson(
    tx: Tx,
    request: LinkRequest,
    context: RequestContext & { now: Date },
  ): Promise<Linked> {
    const { appid, claims, signedInId, choice } = request
    const owners = await findOwners(tx, claims, signedInId)
    const decision = decideLink(
      { claims, owners, now: context.now, ...(signedInId && { signedInId }), ...(choice && { choice }) },
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
        return { accountId: await carryOut(tx, decision, context), outcome: decision.outcome }
    }
  }
}

export type LinkPerson = ReturnType<typeof createLinkPerson>
