/** Names of our own: the business may keep its tables, and a Kysely of its own, in the same database. */
export const migrationTable = 'mplogin_migration'
export const migrationLockTable = 'mplogin_migration_lock'
