import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'

/** Databases of the bench as files in a directory of their own. */
export async function openSqlite(parent) {
  const directory = mkdtempSync(join(parent, 'sqlite-'))
  const pathOf = name => join(directory, `${name}.db`)
  const version = new Database(':memory:').prepare('select sqlite_version() as version').get().version
  return {
    kind: 'sqlite',
    version: `SQLite ${version}`,
    urlOf: name => `sqlite:${pathOf(name)}`,
    create: async () => {},
    async drop(name) {
      for (const suffix of ['', '-wal', '-shm']) rmSync(pathOf(name) + suffix, { force: true })
    },
    copy: async (from, to) => copyFileSync(pathOf(from), pathOf(to)),
    connect: async name => connect(pathOf(name)),
    settle: async () => {},
    pids: () => [],
    cpuSeconds: () => undefined,
    close: async () => rmSync(directory, { recursive: true, force: true }),
  }
}

function connect(path) {
  const db = new Database(path, { timeout: 5000 })
  db.pragma('synchronous = off')
  db.pragma('foreign_keys = off')
  return {
    count: async table => db.prepare(`select count(*) as count from ${table}`).get().count,
    run: async sql => db.exec(sql),
    async insert(table, columns, rows) {
      const marks = columns.map(() => '?').join()
      const statement = db.prepare(`insert into ${table} (${columns.join()}) values (${marks})`)
      db.exec('begin')
      for (const row of rows) statement.run(...row)
      db.exec('commit')
    },
    /** All of it in the one file that is copied. */
    finish: async () => {
      db.exec('analyze')
      db.pragma('wal_checkpoint(truncate)')
    },
    close: async () => db.close(),
  }
}
