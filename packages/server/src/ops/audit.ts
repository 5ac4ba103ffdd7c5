import { v7 as uuidv7 } from 'uuid'
import type { Db } from '../store/database.js'
import { insertAll, type TableRows } from '../store/given-rows.js'

/** A change to an account or a key worth keeping: who did what, from where. */
export interface AuditEntry {
  action:
    | 'account.created'
    | 'account.merged'
    | 'account.deleted'
    | 'identity.attached'
    | 'identity.moved'
    | 'identity.released'
    | 'identity.relabelled'
    | 'merge.undone'
    | 'app.platform_changed'
    | 'secret.replaced'
    | 'accounts.imported'
    | 'profile.updated'
    | 'session.reuse_detected'
    | 'key.created'
    | 'key.promoted'
    | 'key.retired'
    | 'key.removed'
  actor: 'user' | 'system' | 'admin' | 'wechat'
  accountId?: string
  /** Already shortened to its network. */
  address?: string | undefined
  /** Kinds, scopes, rules and ids; never an openid, unionid or phone, which a deletion could not find here. */
  detail?: Record<string, string | number | boolean>
}

/** Writes audit entries, in the transaction of the change they tell of. */
export function writeAudit(db: Db, at: Date, entries: readonly AuditEntry[]): Promise<void> {
  return insertAll(db, [auditRows(at, entries)])
}

/** The rows of audit entries. */
export function auditRows(at: Date, entries: readonly AuditEntry[]): TableRows<'audit'> {
  const rows = entries.map(({ action, actor, accountId, address, detail }) => ({
    id: uuidv7(),
    at: at.getTime(),
    action,
    account_id: accountId,
    actor,
    address,
    detail: JSON.stringify(detail ?? {}),
  }))
  return { table: 'audit', rows }
}
