import pg from 'pg'
import { childrenOf, cpuSecondsOf, parentOf } from '../lib/machine.js'

/** Databases of the bench on a PostgreSQL server. */
export async function openPostgres(address) {
  const admin = new pg.Pool({ connectionString: address, max: 1 })
  const [server] = (
    await admin.query(`select current_setting('server_version') as version,
      current_setting('server_version_num')::int as number, pg_backend_pid() as pid`)
  ).rows
  // Where the server runs elsewhere, its processes are not ours to look at, or are somebody else's of that number.
  const postmaster = parentOf(server.pid, 'postgres')
  const urlOf = name => Object.assign(new URL(address), { pathname: `/${name}` }).href
  const pids = () => (postmaster === undefined ? [] : [postmaster, ...childrenOf(postmaster)])

  return {
    kind: 'postgres',
    version: `PostgreSQL ${server.version.split(' ')[0]}`,
    urlOf,
    create: name => admin.query(`create database ${name}`),
    drop: name => admin.query(`drop database if exists ${name} with (force)`),
    /** A database with all that is in another one. */
    async copy(from, to) {
      const strategy = server.number >= 150000 ? 'strategy file_copy' : ''
      await admin.query(`create database ${to} template ${from} ${strategy}`)
    },
    connect: async name => connect(urlOf(name)),
    /** Writes out what is unwritten, so that nobody's measurement pays for it. */
    settle: () => admin.query('checkpoint'),
    pids,
    cpuSeconds: () => (postmaster === undefined ? undefined : cpuSecondsOf(pids(), { reaped: [postmaster] })),
    close: () => admin.end(),
  }
}

async function connect(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  // Rows of a seed fit together, and what a crash would lose is made again.
  await client.query('set session_replication_role = replica; set synchronous_commit = off')
  const types = {}
  async function typesOf(table) {
    types[table] ??= client
      .query('select column_name, udt_name from information_schema.columns where table_name = $1', [table])
      .then(({ rows }) => Object.fromEntries(rows.map(row => [row.column_name, row.udt_name])))
    return types[table]
  }
  return {
    count: async table => Number((await client.query(`select count(*) from ${table}`)).rows[0].count),
    run: sql => client.query(sql),
    async insert(table, columns, rows) {
      const typed = await typesOf(table)
      const names = columns.map(name => `"${name}"`).join()
      const casts = columns.map((name, index) => `c${index}::${typed[name]}`).join()
      const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join()
      const aliases = columns.map((_, index) => `c${index}`).join()
      await client.query(
        `insert into "${table}" (${names}) select ${casts} from unnest(${arrays}) as t (${aliases})`,
        columns.map((_, index) => rows.map(row => row[index])),
      )
    },
    /** Once all rows are in: what the planner knows, and the pages as they are after a while. */
    finish: () => client.query('vacuum (analyze, freeze)'),
    close: () => client.end(),
  }
}
