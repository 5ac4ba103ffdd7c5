import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../store/database.js'
import { insertAll, type TableRows } from '../store/given-rows.js'

/** What other systems may want to know of an account; written in the transaction of the change (outbox). */
export type AccountEvent =
  | { type: 'account.created'; accountId: string }
  | { type: 'account.merged'; accountId: string; loserId: string }
  | { type: 'account.merge_undone'; accountId: string; loserId: string }
  | { type: 'account.deleted'; accountId: string }
  | { type: 'account.wechat_profile_modified'; accountId: string }
  | { type: 'account.phone_changed'; accountId: string; phoneBound: boolean }

/** Writes an event into the outbox. It names accounts, never what proves them. */
export function publishEvent(tx: Tx, event: AccountEvent, at: Date): Promise<void> {
  return insertAll(tx, [eventRows([event], at)])
}

/** The rows of events. */
export function eventRows(events: readonly AccountEvent[], at: Date): TableRows<'outbox'> {
  const rows = events.map(({ type, accountId, ...payload }) => ({
    id: uuidv7(),
    type,
    account_id: accountId,
    payload: JSON.stringify({ accountId, ...payload }),
    created_at: at.getTime(),
  }))
  return { table: 'outbox', rows }
}
