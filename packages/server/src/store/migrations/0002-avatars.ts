import type { Kysely } from 'kysely'

/** The pictures that people uploaded. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('avatars')
    .addColumn('name', 'varchar(64)', c => c.primaryKey())
    .addColumn('account_id', 'varchar(36)', c => c.notNull().references('accounts.id'))
    .addColumn('remove_after', 'bigint')
    .execute()
  await db.schema.createIndex('avatars_account').on('avatars').column('account_id').execute()
  await db.schema.createIndex('avatars_removal').on('avatars').column('remove_after').execute()
}
