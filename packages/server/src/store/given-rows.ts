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

type TableName = keyof Schema & string

/** Rows that are to be inserted into a table. */
export interface TableRows<Table extends TableName = TableName> {
  readonly table: Table
  readonly rows: readonly { [C in keyof Schema[Table]]?: Value }[]
}

interface Insert {
  readonly table: string
  readonly columns: Record<string, ColumnType>
}

type Run = (db: Db, ...values: (string | number)[]) => Promise<unknown>

/** Built once for each choice of tables and columns. */
const built = new Map<string, Run>()

/** Inserts rows with one statement. */
export function insertRows<Table extends TableName>(
  db: Db,
  table: Table,
  rows: TableRows<Table>['rows'],
): Promise<void> {
  return insertAll(db, [{ table, rows } as TableRows])
}

/** Inserts the rows of several tables in their order: by one statement where `insertsTogether`, else by one for each. */
export async function insertAll(db: Db, parts: readonly TableRows[]): Promise<void> {
  const some = parts.filter(({ rows }) => rows.length > 0)
  if (insertsTogether(db)) return insertByOne(db, some)
  for (const part of some) await insertByOne(db, [part])
}

/** Whether one statement inserts into many tables, and is then a transaction by itself. */
export function insertsTogether(db: Db): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter
}

async function insertByOne(db: Db, parts: readonly TableRows[]): Promise<void> {
  if (parts.length === 0) return
  const inserts = parts.map(({ table, rows }) => ({ table, columns: columnsOf(rows) }))
  const key = JSON.stringify(inserts)
  const run = built.get(key) ?? buildInserts(inserts)
  built.set(key, run)
  const given = parts.map(({ rows }) => give(rows))
  await run(db, ...given.flatMap(({ json, count }) => [json, count]))
}

function buildInserts(inserts: readonly Insert[]): Run {
  return buildOnce<(string | number)[], unknown>(inserts.length * 2, (db, ...values) => {
    const statements = inserts.map((insert, i) => {
      const [json, count] = values.slice(i * 2) as [string, number]
      return insertOf(db, insert, { json, count })
    })
    const [first] = statements
    if (first && statements.length === 1) return first.compile(db)
    const parts = statements.map((statement, i) => sql`${sql.id(`part${i}`)} as (${statement})`)
    // It carries out the last one first (as far as was seen). Nothing depends on it but that everybody waits for unique
    // keys of several tables in one order, and thus seldom in a circle.
    return sql`with ${sql.join(parts.reverse())} select 1`.compile(db)
  })
}

function insertOf(db: Db, { table, columns }: Insert, given: Given): RawBuilder<unknown> {
  const names = sql.join(Object.keys(columns).map(name => sql.ref(name)))
  return sql`insert into ${sql.table(table)} (${names}) select ${names} from ${givenTable(db, columns, given)}`
}

/** The columns that any of the rows has a value in, in an order that does not depend on which row it was. */
function columnsOf(rows: readonly Readonly<Record<string, Value>>[]): Record<string, ColumnType> {
  const columns: Record<string, ColumnType> = {}
  for (const row of rows) {
    for (const name in row) {
      const value = row[name]
      if (value !== undefined) columns[name] = typeof value === 'number' ? 'bigint' : 'text'
    }
  }
  return Object.fromEntries(Object.entries(columns).sort(([a], [b]) => (a < b ? -1 : 1)))
}
