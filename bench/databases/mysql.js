import mysql from 'mysql2/promise'
import { cpuSecondsOf, pidsCalled } from '../lib/machine.js'

/** Databases of the bench on a MariaDB or MySQL server. */
export async function openMysql(address) {
  const admin = await mysql.createConnection(address)
  const [[{ version }]] = await admin.query('select version() as version')
  const urlOf = name => Object.assign(new URL(address), { pathname: `/${name}` }).href
  // Where several run, or it runs elsewhere, nobody knows which one is asked.
  const found = pidsCalled('mariadbd', 'mysqld')
  const pids = found.length === 1 ? found : []

  return {
    kind: 'mysql',
    version: version.includes('MariaDB') ? `MariaDB ${version.split('-')[0]}` : `MySQL ${version}`,
    urlOf,
    create: name => admin.query(`create database ${name}`),
    drop: name => admin.query(`drop database if exists ${name}`),
    connect: async name => connect(urlOf(name)),
    settle: async () => {},
    pids: () => pids,
    cpuSeconds: () => (pids.length === 0 ? undefined : cpuSecondsOf(pids)),
    close: () => admin.end(),
  }
}

async function connect(url) {
  const connection = await mysql.createConnection(url)
  await connection.query('set unique_checks = 0, foreign_key_checks = 0')
  return {
    count: async table => Number((await connection.query(`select count(*) as count from ${table}`))[0][0].count),
    run: sql => connection.query(sql),
    insert: (table, columns, rows) =>
      connection.query(`insert into ${table} (${columns.join()}) values ${rows.map(() => '(?)').join()}`, rows),
    finish: async () => {},
    close: () => connection.end(),
  }
}
