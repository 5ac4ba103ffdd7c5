import { describe, expect, it } from 'vitest'
import { DatabaseUrlError, parseDatabaseUrl } from './database-url.js'

const refusal = (url: string) => {
  try {
    parseDatabaseUrl(url)
  } catch (error) {
    if (error instanceof DatabaseUrlError) return { found: error.found, message: error.message }
  }
  throw new Error(`${url} was accepted`)
}

describe('parseDatabaseUrl', () => {
  it.each([
    ['sqlite:./data/a.db', './data/a.db'],
    ['sqlite:/var/lib/a.db', '/var/lib/a.db'],
    ['sqlite:///var/lib/a.db', '/var/lib/a.db'],
    ['sqlite::memory:', ':memory:'],
  ])('reads the file of %s', (url, path) => {
    expect(parseDatabaseUrl(url)).toEqual({ kind: 'sqlite', path })
  })

  it.each([
    ['postgres', 'postgres', 5432],
    ['postgresql', 'postgres', 5432],
    ['mysql', 'mysql', 3306],
    ['mariadb', 'mysql', 3306],
  ])('reads %s: with its defaults', (scheme, kind, port) => {
    expect(parseDatabaseUrl(`${scheme}://db.example.com/login`)).toMatchObject({
      kind,
      host: 'db.example.com',
      port,
      password: '',
      database: 'login',
      sslMode: 'disable',
      poolSize: 10,
      connectTimeoutMs: 5000,
      queryTimeoutMs: 10_000,
    })
  })

  it('reads user, password, IPv6, TLS, pool and time limits', () => {
    const url =
      'postgres://us%40er:p%23ss%2Fw@[::1]:6432/db?sslmode=verify-full&sslrootcert=/ca.pem&pool_size=40&connect_timeout=2&query_timeout=30'
    expect(parseDatabaseUrl(url)).toEqual({
      kind: 'postgres',
      host: '::1',
      port: 6432,
      user: 'us@er',
      password: 'p#ss/w',
      database: 'db',
      sslMode: 'verify-full',
      sslRootCert: '/ca.pem',
      poolSize: 40,
      connectTimeoutMs: 2000,
      queryTimeoutMs: 30_000,
    })
  })

  it('reads the directory of a Unix socket', () => {
    expect(parseDatabaseUrl('postgres:///db?host=/var/run/postgresql')).toMatchObject({ host: '/var/run/postgresql' })
  })

  it.each([
    ['./data/a.db', 'no scheme'],
    ['mongodb://u:hidden@h/d', 'the scheme "mongodb"'],
    ['sqlite:', 'no file'],
    ['postgres://u:hidden@h', 'no name of a database'],
    ['postgres://u:hidden@h/a/b', 'no name of a database'],
    ['postgres:///db', 'no host'],
    ['postgres://u:hidden@h:99999/db', 'an address that cannot be read'],
    ['mysql://u:hid#den@h/db', 'an address that cannot be read'],
    ['mysql://u:hidden%zz@h/db', 'a % that encodes nothing'],
    ['mysql://u:hidden@h/db?pool_size=0', 'pool_size=0'],
    ['mysql://u:hidden@h/db?pool_size=many', 'pool_size="many"'],
    ['mysql://u:hidden@h/db?sslmode=prefer', 'sslmode="prefer"'],
    ['mysql://u:hidden@h/db?poolsize=3', 'the parameter poolsize'],
    ['mysql://u:1/hid?den@h/db', 'a parameter that is none'],
    ['postgres://u:hidden@h/db?sslrootcert=/ca.pem', 'sslrootcert where nothing is verified'],
    ['mysql://u:hidden@10.0.0.1/db?sslmode=verify-full', 'sslmode=verify-full with an address'],
    ['sqlite:./a.db?mode=ro', 'parameters, which a file has none of'],
  ])('refuses %s with the reason, and without the password', (url, found) => {
    const refused = refusal(url)
    expect(refused.found).toBe(found)
    expect(refused.message).not.toMatch(/hid/)
  })
})
