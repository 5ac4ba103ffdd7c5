import { type AliasedRawBuilder, MysqlAdapter, PostgresAdapter, type RawBuilder, sql } from 'kysely'
import { buildOnce } from './build-once.js'
import type { Db } from './driver.js'
import type { Schema } from './schema.js'

type Value = string | number | undefined
type ColumnType = 'text' | 'bigint'

/** A row of a table with undefined where the table has null. */
export type GivenRow<Row> = {
  [C in keyof Row]: null extends Row[C] ? Exclude<Row[C], null> | undefined : Row[C]
}

/** The columns of given rows: the types that all three databases know. */
export type Columns<Row> = { readonly [C in keyof Row]-?: ColumnType }

/** How a table of given rows is called in its statement. */
const alias = 'given'

/**
 * Rows that a statement is given as one parameter (JSON), however many they are: to build a statement of a thousand
 * parameters takes longer than to run it. What is absent is null.
 */
export interface Given {
  readonly json: string
  readonly count: number
}

/** Packs rows. */
export function give(rows: readonly object[]): Given {
  return { json: JSON.stringify(rows), count: rows.length }
}

/** Given rows as a table of a statement. */
export function givenTable<Row>(db: Db, columns: Columns<Row>, { json, count }: Given) {
  const { adapter } = db.getExecutor()
  const list = (spell: (name: string, type: ColumnType) => RawBuilder<unknown>) =>
    sql.join(Object.entries<ColumnType>(columns).map(([name, type]) => spell(name, type)))
  if (adapter instanceof PostgresAdapter) {
    const spelled = list((name, type) => sql`${sql.id(name)} ${sql.raw(type)}`)
    // The limit tells the planner how many there are.
    return as<Row>(sql`(select * from json_to_recordset(${json}::json) as given(${spelled}) limit ${count})`)
  }
  if (adapter instanceof MysqlAdapter) {
    const types = { text: sql`longtext character set utf8mb4 collate utf8mb4_bin`, bigint: sql`bigint` }
    const spelled = list(
      (name, type) => sql`${sql.id(name)} ${types[type]} path ${sql.lit(`$.${name}`)} error on error`,
    )
    return as<Row>(sql`json_table(${json}, '$[*]' columns (${spelled}))`)
  }
  const spelled = list(name => sql`value ->> ${sql.lit(name)} as ${sql.id(name)}`)
  return as<Row>(sql`(select ${spelled} from json_each(${json}))`)
}

function as<Row>(table: RawBuilder<unknown>): AliasedRawBuilder<Row, typeof alias> {
  return (table as RawBuilder<Row>).as(alias)
}

type Insert = (db: Db, json: string, count: number) => Promise<unknown>

/** Built once for each table and choice of columns. */
const inserts = new Map<string, Insert>()

/** Inserts rows with one statement. */
export async function insertRows<Table extends keyof Schema & string>(
  db: Db,
  table: Table,
  rows: readonly { [C in keyof Schema[Table]]?: Value }[],
): Promise<void> {
  if (rows.length === 0) return
  const columns = columnsOf(rows as readonly Readonly<Record<string, Value>>[])
  const key = `${table} ${JSON.stringify(columns)}`
  const insert = inserts.get(key) ?? buildInsert(table, columns)
  inserts.set(key, insert)
  const { json, count } = give(rows)
  await insert(db, json, count)
}

function buildInsert(table: string, columns: Record<string, ColumnType>): Insert {
  const names = sql.join(Object.keys(columns).map(name => sql.ref(name)))
  return buildOnce(2, (db, json: string, count: number) => {
    const given = givenTable(db, columns, { json, count })
    return sql`insert into ${sql.table(table)} (${names}) select ${names} from ${given}`.compile(db)
  })
}

/** The columns that any of the rows has a value in. */
function columnsOf(rows: readonly Readonly<Record<string, Value>>[]): Record<string, ColumnType> {
  const columns: Record<string, ColumnType> = {}
  for (const row of rows) {
    for (const name in row) {
      const value = row[name]
      if (value !== undefined) columns[name] = typeof value === 'number' ? 'bigint' : 'text'
    }
  }
  return columns
}
