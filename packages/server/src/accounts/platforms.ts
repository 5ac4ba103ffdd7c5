import { writeAudit } from '../ops/audit.js'
import type { Database } from '../store/database.js'

/** An app and the Open Platform account it is configured with; empty when it is not. */
export interface AppPlatform {
  readonly appid: string
  readonly platform: string
}

/**
 * Remembers what platform each app is configured with, and audits a change.
 *
 * @returns by platform, what its apps' platforms were called before: unionids stored then are still theirs
 */
export async function rememberPlatforms(
  database: Database,
  apps: readonly AppPlatform[],
  now: Date,
): Promise<Map<string, string[]>> {
  const rows = await database.db.selectFrom('app_platforms').selectAll().execute()
  const isCurrent = ({ appid, platform }: AppPlatform) =>
    rows.some(row => row.appid === appid && row.platform === platform && row.is_current === 1)
  const changed = apps.filter(app => !isCurrent(app))
  if (changed.length > 0)
    await database.transact(async tx => {
      for (const { appid, platform } of changed) {
        const former = await tx
          .selectFrom('app_platforms')
          .select('platform')
          .where('appid', '=', appid)
          .where('is_current', '=', 1)
          .executeTakeFirst()
        if (former?.platform === platform) continue
        await tx.updateTable('app_platforms').set({ is_current: 0 }).where('appid', '=', appid).execute()
        const known = await tx
          .updateTable('app_platforms')
          .set({ is_current: 1, since: now.getTime() })
          .where('appid', '=', appid)
          .where('platform', '=', platform)
          .executeTakeFirst()
        if (known.numUpdatedRows === 0n) {
          await tx
            .insertInto('app_platforms')
            .values({ appid, platform, is_current: 1, since: now.getTime() })
            .execute()
        }
        if (former) {
          const detail = { appid, from: former.platform, to: platform }
          await writeAudit(tx, now, [{ action: 'app.platform_changed', actor: 'system', detail }])
        }
      }
    })
  const former = new Map<string, string[]>()
  for (const { appid, platform } of apps) {
    const names = rows.filter(row => row.appid === appid && row.platform !== platform).map(row => row.platform)
    former.set(platform, [...new Set([...(former.get(platform) ?? []), ...names])])
  }
  return former
}
