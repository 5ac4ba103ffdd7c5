import type { Keyring } from '../keyring.js'
import { sealPrefix } from '../keyring.js'
import { type AuditEntry, writeAudit } from '../ops/audit.js'
import { holdCurrentSecret } from '../ops/current-secret.js'
import type { Database, Db, Tx } from '../store/database.js'
import {
  decideRotation,
  type KeyFacts,
  type KeyPolicy,
  type RotationCause,
  type RotationPlan,
  type RotationRefusal,
} from './decide-rotation.js'
import { createKeyPair, type KeyPair } from './key-pairs.js'

/** What rotating stands on. */
export interface RotationDeps {
  readonly database: Database
  readonly keyring: Keyring
  readonly policy: KeyPolicy
}

/**
 * Looks at the signing keys and does what is due; of several instances one does it.
 *
 * @returns what was done, or from when on an operator's rotation is possible
 */
export async function rotateKeys(
  { database, keyring, policy }: RotationDeps,
  cause: RotationCause,
  now: Date,
): Promise<RotationPlan | RotationRefusal> {
  for (;;) {
    const plan = decideRotation(await readKeys(database.db), policy, cause, now)
    if ('readyAt' in plan || isEmpty(plan)) return plan
    // Made outside the transaction: generating is slow.
    const pairs = await Promise.all(plan.create.map(state => createKeyPair(state, policy.algorithm, now)))
    const isDone = await database.transact(async tx => {
      const today = decideRotation(await readKeys(tx, true), policy, cause, now)
      if (JSON.stringify(today) !== JSON.stringify(plan)) return false
      await holdCurrentSecret(tx, keyring)
      await carryOut(tx, plan, pairs, keyring, now)
      await writeAudit(tx, now, auditOf(plan, pairs, cause))
      return true
    })
    if (isDone) return plan
  }
}

/** The keys as the decision looks at them, the oldest first. */
export async function readKeys(db: Db, isForUpdate = false): Promise<KeyFacts[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .select(['kid', 'state', 'alg', 'created_at', 'activated_at', 'retired_at'])
    .orderBy('kid')
    .$if(isForUpdate, query => query.forUpdate())
    .execute()
  const toDate = (at: number | null) => (at === null ? undefined : new Date(at))
  return rows.map(({ kid, state, alg, created_at, activated_at, retired_at }) => ({
    ...{ kid, state, alg },
    createdAt: new Date(created_at),
    activatedAt: toDate(activated_at),
    retiredAt: toDate(retired_at),
  }))
}

function isEmpty({ drop, promote, create }: RotationPlan): boolean {
  return drop.length === 0 && promote === undefined && create.length === 0
}

async function carryOut(
  tx: Tx,
  { drop, retire, promote }: RotationPlan,
  pairs: readonly KeyPair[],
  keyring: Keyring,
  now: Date,
): Promise<void> {
  const at = now.getTime()
  if (drop.length > 0) await tx.deleteFrom('signing_keys').where('kid', 'in', drop).execute()
  if (retire !== undefined) {
    const retired = { state: 'retired', is_current: null, retired_at: at } as const
    await tx.updateTable('signing_keys').set(retired).where('kid', '=', retire).execute()
  }
  if (promote !== undefined) {
    const current = { state: 'current', is_current: 1, activated_at: at } as const
    await tx.updateTable('signing_keys').set(current).where('kid', '=', promote).execute()
  }
  if (pairs.length > 0) {
    const rows = pairs.map(({ row, privateText }) => ({
      ...row,
      private_sealed: keyring.seal('signing-key', privateText),
    }))
    await tx.insertInto('signing_keys').values(rows).execute()
  }
}

function auditOf(
  { drop, retire, promote }: RotationPlan,
  pairs: readonly KeyPair[],
  cause: RotationCause,
): AuditEntry[] {
  const actor = cause === 'start' || cause === 'tick' ? 'system' : 'admin'
  const entry = (action: AuditEntry['action'], kid: string): AuditEntry => ({ action, actor, detail: { kid, cause } })
  return [
    ...drop.map(kid => entry('key.removed', kid)),
    ...(retire === undefined ? [] : [entry('key.retired', retire)]),
    ...(promote === undefined ? [] : [entry('key.promoted', promote)]),
    ...pairs.map(({ row }) => entry('key.created', row.kid)),
  ]
}

/**
 * Stores the private keys under the current secret.
 *
 * @returns how many were under another
 */
export async function resealSigningKeys(database: Database, keyring: Keyring): Promise<number> {
  return database.transact(async tx => {
    const rows = await tx
      .selectFrom('signing_keys')
      .select(['kid', 'private_sealed'])
      .orderBy('kid')
      .forUpdate()
      .execute()
    const former = rows.filter(row => !row.private_sealed.startsWith(sealPrefix(keyring.currentId())))
    for (const { kid, private_sealed } of former) {
      const text = keyring.unseal('signing-key', private_sealed)
      if (text === undefined)
        throw new Error(`the signing key ${kid} is under a secret that MPLOGIN_SECRET does not name`)
      const set = { private_sealed: keyring.seal('signing-key', text) }
      await tx.updateTable('signing_keys').set(set).where('kid', '=', kid).execute()
    }
    return former.length
  })
}
