import type { AccessTokenStore, SharedToken } from '@mplogin/wechat'
import { type Clock, minuteMs } from '../clock.js'
import type { Keyring } from '../keyring.js'
import type { Database } from '../store/database.js'

/** Clocks of instances may be so far apart, and nobody is robbed of a lease. */
const clockSkewMs = minuteMs

/**
 * WeChat's access tokens as a row per app, which all instances share. The token is encrypted. Who may fetch another one
 * is decided by one update; an instance that dies with the lease loses it when its time is over.
 */
export function createSharedTokens(deps: { database: Database; keyring: Keyring; clock: Clock }): AccessTokenStore {
  const { database, keyring, clock } = deps

  async function read(appid: string): Promise<SharedToken | undefined> {
    const row = await database.db
      .selectFrom('access_tokens')
      .select('sealed')
      .where('appid', '=', appid)
      .executeTakeFirst()
    // Sealed under a secret that is gone, it is as good as none.
    const text = row?.sealed ? keyring.unseal('wechat-token', row.sealed) : undefined
    if (text === undefined) return undefined
    const { token, expiresAt } = JSON.parse(text) as { token: string; expiresAt: number }
    return { token, expiresAt: new Date(expiresAt) }
  }

  function acquire(appid: string, { holder, leaseMs }: { holder: string; leaseMs: number }): Promise<boolean> {
    const now = clock().getTime()
    const lease = { lease_holder: holder, lease_until: now + leaseMs }
    return database.transact(async tx => {
      const taken = await tx
        .updateTable('access_tokens')
        .set(lease)
        .where('appid', '=', appid)
        // One that ends later than any lease can was taken by a clock that is ahead of ours.
        .where(eb =>
          eb.or([
            eb('lease_until', '<=', now),
            eb('lease_until', '>', now + leaseMs + clockSkewMs),
            eb('lease_holder', '=', holder),
          ]),
        )
        .executeTakeFirst()
      if (taken.numUpdatedRows === 1n) return true
      const row = await tx.selectFrom('access_tokens').select('appid').where('appid', '=', appid).executeTakeFirst()
      if (row) return false
      // Another instance may insert it at this moment: the transaction then begins again.
      await tx
        .insertInto('access_tokens')
        .values({ appid, sealed: null, ...lease })
        .execute()
      return true
    })
  }

  const free = { lease_holder: null, lease_until: 0 }

  return {
    read,
    acquire,
    async write(appid, holder, { token, expiresAt }) {
      const sealed = keyring.seal('wechat-token', JSON.stringify({ token, expiresAt: expiresAt.getTime() }))
      await database.runStatement(db =>
        db
          .updateTable('access_tokens')
          .set({ sealed, ...free })
          .where('appid', '=', appid)
          .where('lease_holder', '=', holder)
          .execute(),
      )
    },
    async release(appid, holder) {
      await database.runStatement(db =>
        db
          .updateTable('access_tokens')
          .set(free)
          .where('appid', '=', appid)
          .where('lease_holder', '=', holder)
          .execute(),
      )
    },
  }
}
