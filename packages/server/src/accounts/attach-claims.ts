import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../store/database.js'
import type { Claim } from './identity.js'

/** Stores claims that nobody owns as identities of accounts. A unique violation means that somebody owns one by now. */
export async function attachClaims(
  tx: Tx,
  claims: readonly { readonly claim: Claim; readonly accountId: string }[],
  now: Date,
): Promise<void> {
  if (claims.length === 0) return
  await tx
    .insertInto('identities')
    .values(
      claims.map(({ claim: { kind, scope, subject, sealed }, accountId }) => ({
        id: uuidv7(),
        kind,
        scope,
        subject,
        account_id: accountId,
        sealed: sealed ?? null,
        phone_of: kind === 'phone' ? accountId : null,
        created_at: now.getTime(),
      })),
    )
    .execute()
}
