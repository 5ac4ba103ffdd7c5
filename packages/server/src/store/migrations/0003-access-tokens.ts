import type { Kysely } from 'kysely'

/** The access token of WeChat that instances share, per app, with the lease of the one that fetches another. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('access_tokens')
    .addColumn('appid', 'varchar(64)', c => c.primaryKey())
    .addColumn('sealed', 'text')
    .addColumn('lease_holder', 'varchar(36)')
    .addColumn('lease_until', 'bigint', c => c.notNull())
    .execute()
}
