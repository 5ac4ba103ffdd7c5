import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../store/database.js'

/** What other systems may want to know of an account; written in the transaction of the change (outbox). */
export type AccountEvent =
  | { type: 'account.created'; accountId: string }
  | { type: 'account.merged'; accountId: string; loserId: string }
  | { type: 'account.merge_undone'; accountId: string; loserId: string }
  | { type: 'account.deleted'; accountId: string }
  | { type: 'account.wechat_profile_modified'; accountId: string }
  | { type: 'account.phone_changed'; accountId: string; phoneBound: boolean }

/** Writes an event into the outbox. It names accounts, never what proves them. */
export async function publishEvent(tx: Tx, event: AccountEvent, at: Date): Promise<void> {
  const { type, accountId, ...payload } = event
  await tx
    .insertInto('outbox')
    .values({
      id: uuidv7(),
      type,
      account_id: accountId,
      payload: JSON.stringify({ accountId, ...payload }),
      created_at: at.getTime(),
      delivered_at: null,
    })
    .execute()
}
