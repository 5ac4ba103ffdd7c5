import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../store/database.js'
import { insertAll, type TableRows } from '../store/given-rows.js'
import { type Claim, identityKey } from './identity.js'

/** A claim that an account gets. */
export interface Attachment {
  readonly claim: Claim
  readonly accountId: string
}

/** Stores claims that nobody owns as identities of accounts. A unique violation means that somebody owns one by now. */
export function attachClaims(tx: Tx, attachments: readonly Attachment[], now: Date): Promise<void> {
  return insertAll(tx, [identityRows(attachments, now)])
}

/** The rows of claims, in the order of their key, so that two who store the same claims never wait for each other in a circle. */
export function identityRows(attachments: readonly Attachment[], now: Date): TableRows<'identities'> {
  const rows = attachments.map(({ claim, accountId }) => ({
    key: identityKey(claim),
    row: {
      id: uuidv7(),
      kind: claim.kind,
      scope: claim.scope,
      subject: claim.subject,
      account_id: accountId,
      sealed: claim.sealed,
      phone_of: claim.kind === 'phone' ? accountId : undefined,
      created_at: now.getTime(),
    },
  }))
  rows.sort((a, b) => (a.key < b.key ? -1 : 1))
  return { table: 'identities', rows: rows.map(({ row }) => row) }
}
