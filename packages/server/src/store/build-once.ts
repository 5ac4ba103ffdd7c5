import type { CompiledQuery, DialectAdapter, QueryResult } from 'kysely'
import type { Db } from './driver.js'

/** A query with holes. */
interface Template<Row> {
  readonly query: CompiledQuery<Row>
  /** Which value each parameter is; -1: the parameter itself, the same each time. */
  readonly holes: readonly number[]
}

/**
 * A query that is asked with every login is built once for each database; then only its values are filled in. The text
 * must not depend on them.
 *
 * @param build builds the query around values that stand for those of later
 */
export function buildOnce<Values extends readonly unknown[], Row>(
  count: Values['length'],
  build: (db: Db, ...values: Values) => CompiledQuery<Row>,
) {
  const templates = new WeakMap<DialectAdapter, Template<Row>>()

  function templateFor(db: Db): Template<Row> {
    const { adapter } = db.getExecutor()
    const known = templates.get(adapter)
    if (known) return known
    const stands = Array.from({ length: count }, (_, i) => ({ value: i }))
    const query = build(db, ...(stands as unknown as Values))
    const made = { query, holes: query.parameters.map(parameter => stands.indexOf(parameter as (typeof stands)[0])) }
    templates.set(adapter, made)
    return made
  }

  return function run(db: Db, ...values: Values): Promise<QueryResult<Row>> {
    const { query, holes } = templateFor(db)
    const parameters = holes.map((hole, i) => (hole < 0 ? query.parameters[i] : values[hole]))
    return db.executeQuery({ ...query, parameters })
  }
}
