import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../store/database.js'
import { insertRows } from '../store/given-rows.js'
import { type Claim, identityKey } from './identity.js'

/** A claim that an account gets. */
export interface Attachment {
  readonly claim: Claim
  readonly accountId: string
}

/**
 * Stores claims that nobody owns as identities of accounts. A unique violation means that somebody owns one by now. In
 * the order of their key, so that two who store the same claims never wait for each other in a circle.
 */
export async function attachClaims(tx: Tx, attachments: readonly Attachment[], now: Date): Promise<void> {
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
  await insertRows(
    tx,
    'identities',
    rows.map(({ row }) => row),
  )
}
