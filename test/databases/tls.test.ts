import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { openDatabase } from '@mplogin/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseKind, servers } from '../support/databases.js'
import { startPrivateMariadb } from '../support/private-mariadb.js'

let directory: string
const opened: Server[] = []
const file = (name: string) => join(directory, name)

/** A certificate of its own authority, for one name. */
function makeCertificate(name: string, subjectAltName: string) {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), '-subj', '/CN=of-tests'],
      ...['-addext', `subjectAltName=${subjectAltName}`],
    ],
    { stdio: 'ignore' },
  )
}

/** PostgreSQL behind TLS, as its protocol begins it: 'S' to the client's request, then the handshake. */
async function startTls(name: string): Promise<number> {
  const server = createServer(socket => {
    socket.once('data', () => {
      socket.write('S')
      const secure = new TLSSocket(socket, {
        isServer: true,
        key: readFileSync(file(`${name}.key`)),
        cert: readFileSync(file(`${name}.pem`)),
      })
      const upstream = connect(5432, '127.0.0.1')
      secure.pipe(upstream).pipe(secure)
      for (const end of [secure, upstream]) end.on('error', () => socket.destroy())
    })
    socket.on('error', () => {})
  })
  opened.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

async function ping(url: string): Promise<string> {
  const database = await openDatabase(url)
  try {
    await database.ping()
    return 'ok'
  } catch (error) {
    const { message, cause } = error as Error
    return `${message}: ${cause instanceof Error ? cause.message : ''}`
  } finally {
    await database.close()
  }
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mplogin-tls-'))
})
afterAll(() => {
  for (const server of opened) server.close()
  rmSync(directory, { recursive: true, force: true })
})

describe.runIf(databaseKind === 'postgres')('TLS', () => {
  it('follows sslmode: require, verify-ca and verify-full', async () => {
    makeCertificate('here', 'IP:127.0.0.1')
    makeCertificate('elsewhere', 'DNS:db.example.com')
    const [here, elsewhere] = [await startTls('here'), await startTls('elsewhere')]
    const url = (port: number, parameters: string) => `postgres://postgres@127.0.0.1:${port}/postgres?${parameters}`
    const ca = `sslrootcert=${file('here.pem')}`
    expect(await ping(url(here, 'sslmode=require'))).toBe('ok')
    expect(await ping(url(here, 'sslmode=verify-full'))).toMatch(/self-signed certificate/)
    expect(await ping(url(here, `sslmode=verify-full&${ca}`))).toBe('ok')
    expect(await ping(url(elsewhere, `sslmode=verify-ca&${ca}`))).toMatch(/self-signed certificate/)
    const other = `sslrootcert=${file('elsewhere.pem')}`
    expect(await ping(url(elsewhere, `sslmode=verify-ca&${other}`))).toBe('ok')
    expect(await ping(url(elsewhere, `sslmode=verify-full&${other}`))).toMatch(/altnames/i)
  })
})

describe.runIf(databaseKind === 'mysql')('TLS', { timeout: 60_000 }, () => {
  it('follows sslmode with a real MariaDB: require, verify-ca and verify-full', async () => {
    makeCertificate('here', 'DNS:localhost')
    makeCertificate('elsewhere', 'DNS:db.example.com')
    const modes: Record<string, Record<string, string>> = {}
    for (const name of ['here', 'elsewhere']) {
      mkdirSync(file(`of-${name}`))
      const options = [`--ssl-cert=${file(`${name}.pem`)}`, `--ssl-key=${file(`${name}.key`)}`]
      const { url: address, stop } = await startPrivateMariadb(file(`of-${name}`), options)
      const url = address.replace('127.0.0.1', 'localhost')
      const tried: Record<string, string> = {}
      for (const mode of ['disable', 'require', 'verify-full']) tried[mode] = await ping(`${url}?sslmode=${mode}`)
      for (const mode of ['verify-ca', 'verify-full'])
        tried[`${mode} with its own`] = await ping(`${url}?sslmode=${mode}&sslrootcert=${file(`${name}.pem`)}`)
      await stop()
      modes[name] = tried
    }
    const selfSigned = expect.stringMatching(/self-signed certificate/)
    const common = { disable: 'ok', require: 'ok', 'verify-full': selfSigned, 'verify-ca with its own': 'ok' }
    expect(modes).toEqual({
      here: { ...common, 'verify-full with its own': 'ok' },
      elsewhere: { ...common, 'verify-full with its own': expect.stringMatching(/altnames/i) },
    })
  })
})

describe.runIf(databaseKind !== 'sqlite')('a server without TLS', () => {
  it.each([
    'require',
    'verify-ca',
    'verify-full',
  ])('is refused with sslmode=%s: nothing is sent in the open', async mode => {
    const url = servers[databaseKind as keyof typeof servers].replace('127.0.0.1', 'localhost')
    expect(await ping(`${url}?sslmode=${mode}`)).toMatch(/does not support (SSL|secure) connection/)
  })
})
