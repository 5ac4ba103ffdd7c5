import { sql } from 'kysely'

/**
 * The condition that a session lasts longer than to a moment, among those of one account. As a sum, which no index knows:
 * PostgreSQL would otherwise read all live sessions from the index of expiries, where it has no statistics yet.
 *
 * @param ms milliseconds since 1970
 */
export function outlives(ms: number) {
  return sql<boolean>`${sql.ref('expires_at')} + 0 > ${ms}`
}
