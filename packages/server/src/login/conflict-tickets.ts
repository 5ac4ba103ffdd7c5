import type { ConflictChoice } from '@mplogin/contract'
import { v7 as uuidv7 } from 'uuid'
import type { Claim } from '../accounts/identity.js'
import type { Clock } from '../clock.js'
import { minuteMs } from '../clock.js'
import { LoginError } from '../errors.js'
import type { Keyring } from '../keyring.js'
import type { Tx } from '../store/database.js'

const ticketTtlMs = 5 * minuteMs

/** What a ticket is bound to. */
export interface TicketContent {
  readonly appid: string
  readonly claims: readonly Claim[]
  readonly choices: readonly ConflictChoice[]
  /** With a ticket of /bindPhone. */
  readonly signedInId?: string | undefined
}

/** A ticket that is ours and not over. */
export interface Ticket extends TicketContent {
  readonly id: string
  readonly expiresAt: number
}

/**
 * Conflict tickets: the claims proven in the request that met the conflict, authenticated and encrypted for 5 minutes,
 * spent once.
 */
export function createConflictTickets({ keyring, clock }: { keyring: Keyring; clock: Clock }) {
  return {
    /** The ticket of a conflict. */
    issue(content: TicketContent): string {
      const ticket: Ticket = { ...content, id: uuidv7(), expiresAt: clock().getTime() + ticketTtlMs }
      return keyring.seal('conflict-ticket', JSON.stringify(ticket))
    },

    /** @throws LoginError TICKET_INVALID when it is not ours or is over */
    parse(text: string): Ticket {
      const opened = keyring.unseal('conflict-ticket', text)
      if (opened === undefined) throw new LoginError('TICKET_INVALID', 'the ticket is not one of ours')
      const ticket = JSON.parse(opened) as Ticket
      if (ticket.expiresAt <= clock().getTime()) throw new LoginError('TICKET_INVALID', 'the ticket has expired')
      return ticket
    },

    /**
     * Spends a ticket within the transaction that carries the choice out: the primary key decides a race.
     *
     * @throws LoginError TICKET_USED
     */
    async spend(tx: Tx, ticket: Ticket): Promise<void> {
      const spent = await tx.selectFrom('spent_tickets').select('id').where('id', '=', ticket.id).executeTakeFirst()
      if (spent) throw new LoginError('TICKET_USED', 'the ticket was spent before')
      await tx.insertInto('spent_tickets').values({ id: ticket.id, expires_at: ticket.expiresAt }).execute()
    },
  }
}

export type ConflictTickets = ReturnType<typeof createConflictTickets>
