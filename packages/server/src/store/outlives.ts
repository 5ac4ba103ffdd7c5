import { sql } from 'kysely'

/**
 * The condition that a session lasts longer than to a moment, among those of one account. As a sum, which no index knows:
 * PostgreSQL would otherwise read all live sessions from the index of expiries, where it has no statistics yet.
 *
 * @param ms milliseconds since 1970
 * @param column of the session, as the query names it
 */
export function outlives(ms: number, column = 'expires_at') {
  return sql<boolean>`${sql.ref(column)} + 0 > ${ms}`
}
