import { type AliasedRawBuilder, MysqlAdapter, PostgresAdapter, type RawBuilder, sql } from 'kysely'
import type { Db } from './driver.js'
import type { Schema } from './schema.js'

type Value = string | number | undefined

/** A row of a table with undefined where the table has null. */
export type GivenRow<Row> = {
  [C in keyof Row]: null extends Row[C] ? Exclude<Row[C], null> | undefined : Row[C]
}

/** How a table of given rows is called in its statement. */
const alias = 'given'

/** Rows as a table of a statement. */
export interface Given<Row> {
  /** The columns that any of the rows has a value in. */
  readonly columns: readonly (keyof Row & string)[]
  readonly table: AliasedRawBuilder<Row, typeof alias>
}

/**
 * Rows that a statement is given as one parameter (JSON), however many they are: to build a statement of a thousand
 * parameters takes longer than to run it. What is absent is null.
 */
export function givenRows<Row extends { [C in keyof Row]: Value }>(db: Db, rows: readonly Row[]): Given<Row> {
  const columns = new Map<string, 'text' | 'bigint'>()
  for (const row of rows as readonly Readonly<Record<string, Value>>[]) {
    for (const name in row) {
      const value = row[name]
      if (value !== undefined) columns.set(name, typeof value === 'number' ? 'bigint' : 'text')
    }
  }
  const json = JSON.stringify(rows)
  return {
    columns: [...columns.keys()] as unknown as Given<Row>['columns'],
    table: tableOf<Row>(db, json, rows.length, [...columns]),
  }
}

function tableOf<Row>(db: Db, json: string, count: number, columns: readonly (readonly [string, 'text' | 'bigint'])[]) {
  const { adapter } = db.getExecutor()
  const list = (spell: (name: string, type: 'text' | 'bigint') => RawBuilder<unknown>) =>
    sql.join(columns.map(([name, type]) => spell(name, type)))
  if (adapter instanceof PostgresAdapter) {
    const spelled = list((name, type) => sql`${sql.id(name)} ${sql.raw(type)}`)
    // The limit tells the planner how many there are.
    return sql<Row>`(select * from json_to_recordset(${json}::json) as given(${spelled}) limit ${count})`.as(alias)
  }
  if (adapter instanceof MysqlAdapter) {
    const types = { text: sql`longtext character set utf8mb4 collate utf8mb4_bin`, bigint: sql`bigint` }
    const spelled = list(
      (name, type) => sql`${sql.id(name)} ${types[type]} path ${sql.lit(`$.${name}`)} error on error`,
    )
    return sql<Row>`json_table(${json}, '$[*]' columns (${spelled}))`.as(alias)
  }
  const spelled = list(name => sql`value ->> ${sql.lit(name)} as ${sql.id(name)}`)
  return sql<Row>`(select ${spelled} from json_each(${json}))`.as(alias)
}

/** Inserts rows with one statement. */
export async function insertRows<Table extends keyof Schema & string>(
  db: Db,
  table: Table,
  rows: readonly { [C in keyof Schema[Table]]?: Value }[],
): Promise<void> {
  if (rows.length === 0) return
  const given = givenRows(db, rows)
  const columns = given.columns.map(column => sql.ref(column))
  await sql`insert into ${sql.table(table)} (${sql.join(columns)}) select ${sql.join(columns)} from ${given.table}`.execute(
    db,
  )
}
