import { writeAudit } from '../ops/audit.js'
import type { Database, Tx } from '../store/database.js'

/** An app and the Open Platform account it is configured with. */
export interface AppPlatform {
  readonly appid: string
  readonly openPlatform?: string | undefined
}

/** Apps as they are configured here, beside what the database remembers of them. */
export interface Platforms {
  /** Apps that the database remembers under another platform. */
  readonly changed: readonly { readonly appid: string; readonly from: string; readonly to: string }[]
  /** Apps that the database has not met yet. */
  readonly unknown: readonly AppPlatform[]
  /** What the platform of an app is called, and was called before: unionids stored then are still its. */
  of(appid: string): { readonly platform: string; readonly formerPlatforms: readonly string[] }
}

/** Compares how apps are configured with what the database remembers; writes nothing. */
export async function readPlatforms({ db }: Database, apps: readonly AppPlatform[]): Promise<Platforms> {
  const rows = await db.selectFrom('app_platforms').selectAll().execute()
  const platformOf = new Map(apps.map(({ appid, openPlatform = '' }) => [appid, openPlatform]))
  const currentOf = new Map(rows.filter(row => row.is_current === 1).map(row => [row.appid, row.platform]))
  return {
    changed: [...platformOf].flatMap(([appid, to]) => {
      const from = currentOf.get(appid)
      return from === undefined || from === to ? [] : [{ appid, from, to }]
    }),
    unknown: apps.filter(({ appid }) => !currentOf.has(appid)),
    of(appid) {
      const platform = platformOf.get(appid) ?? ''
      const siblings = rows.filter(row => platformOf.get(row.appid) === platform && row.platform !== platform)
      return { platform, formerPlatforms: [...new Set(siblings.map(row => row.platform))] }
    },
  }
}

/** As readPlatforms, and remembers how the apps are configured from now on; a change is audited. */
export async function rememberPlatforms(
  database: Database,
  apps: readonly AppPlatform[],
  now: Date,
): Promise<Platforms> {
  const platforms = await readPlatforms(database, apps)
  const news = [...platforms.unknown, ...platforms.changed.map(({ appid, to }) => ({ appid, openPlatform: to }))]
  if (news.length > 0)
    await database.transact(async tx => {
      for (const app of news) await remember(tx, app, now)
    })
  return platforms
}

async function remember(tx: Tx, { appid, openPlatform: platform = '' }: AppPlatform, now: Date): Promise<void> {
  const former = await tx
    .selectFrom('app_platforms')
    .select('platform')
    .where('appid', '=', appid)
    .where('is_current', '=', 1)
    .executeTakeFirst()
  // A sibling that starts at the same moment was first.
  if (former?.platform === platform) return
  await tx.updateTable('app_platforms').set({ is_current: 0 }).where('appid', '=', appid).execute()
  const current = { is_current: 1, since: now.getTime() }
  const known = await tx
    .updateTable('app_platforms')
    .set(current)
    .where('appid', '=', appid)
    .where('platform', '=', platform)
    .executeTakeFirst()
  if (known.numUpdatedRows === 0n) {
    await tx
      .insertInto('app_platforms')
      .values({ appid, platform, ...current })
      .execute()
  }
  if (!former) return
  const detail = { appid, from: former.platform, to: platform }
  await writeAudit(tx, now, [{ action: 'app.platform_changed', actor: 'system', detail }])
}
