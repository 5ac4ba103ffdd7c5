import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@mplogin/server'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from './support/processes.js'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'mplogin-cli-'))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const run = (args: string[], env: Record<string, string> = {}) => runCommand(args, { cwd, env })

describe('mplogin', () => {
  it('lists its commands, and each has a help of its own', async () => {
    const { code, output } = await run(['--help'])
    expect(code).toBe(0)
    for (const command of ['serve', 'dev', 'emulator', 'migrate', 'config']) {
      expect(output).toMatch(new RegExp(`^ {2}${command} `, 'm'))
      const help = await run([command, '--help'])
      expect([help.code, help.output]).toEqual([0, expect.stringContaining(`Usage: mplogin ${command}`)])
    }
  })

  it('does not know other commands', async () => {
    const { code, output } = await run(['sevre'])
    expect(code).not.toBe(0)
    expect(output).toMatch(/unknown command/)
    expect(output).toContain('serve')
  })

  it.each([
    'serve',
    'dev',
    'migrate',
    'config',
  ])('%s stops at a wrong setting with the key, what was found and what was expected', async command => {
    const { code, output } = await run([command], { PORT: 'abc', MERGE: 'sometimes' })
    expect(code).toBe(1)
    expect(output).toContain('PORT: found "abc", expected a port from 0 to 65535')
    expect(output).toContain('MERGE: found "sometimes", expected auto or never')
    expect(output).not.toMatch(/ {4}at /)
  })

  it('serve refuses production without a secret, and writes nothing', async () => {
    const { code, output } = await run(['serve'], {
      NODE_ENV: 'production',
      WECHAT_APPID: 'wx1',
      WECHAT_SECRET: 'the-app-secret',
    })
    expect(code).toBe(1)
    expect(output).toContain('MPLOGIN_SECRET: found nothing, expected 32 bytes in base64')
    expect(output).not.toContain('the-app-secret')
    expect(readdirSync(cwd)).toEqual([])
  })

  it('dev refuses production', async () => {
    const secret = Buffer.alloc(32, 1).toString('base64')
    const { code, output } = await run(['dev'], {
      NODE_ENV: 'production',
      MPLOGIN_SECRET: secret,
      WECHAT_APPID: 'wx1',
      WECHAT_SECRET: 's',
    })
    expect([code, output]).toEqual([1, expect.stringContaining('use serve')])
  })

  it('serve says which port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => taken.once('listening', resolve))
    const { port } = taken.address() as AddressInfo
    const { code, output } = await run(['serve'], { PORT: String(port), DATABASE_URL: 'sqlite::memory:' })
    taken.close()
    expect(code).toBe(1)
    expect(output).toContain(String(port))
    expect(output).toContain('choose another with PORT')
  })

  it('emulator refuses to listen on anything but loopback unless told to', async () => {
    const { code, output } = await run(['emulator', '--port', '0', '--host', '0.0.0.0'])
    expect(code).toBe(1)
    expect(output).toMatch(/loopback/i)
  })

  it.each([
    ['a directory', '.'],
    ['a file that is no database', './not-a-database'],
    ['a place that cannot be written', '/dev/null/x.db'],
  ])('serve says so when the database is %s', async (_title, path) => {
    writeFileSync(join(cwd, 'not-a-database'), 'some text that is long enough to be looked at as a header\n'.repeat(20))
    const { code, output } = await run(['serve'], { DATABASE_URL: `sqlite:${path}`, PORT: '0' })
    expect(code).toBe(1)
    expect(output).toContain(`the database ${path} cannot be opened`)
    expect(output).not.toMatch(/ {4}at /)
    rmSync(join(cwd, 'not-a-database'))
  })

  it('migrate tells what it applied, once', async () => {
    expect(await run(['migrate'])).toEqual({
      code: 0,
      output: 'Applied 0001-initial.\nApplied 0002-avatars.\nApplied 0003-access-tokens.\n',
    })
    expect(await run(['migrate'])).toEqual({ code: 0, output: 'The schema is up to date.\n' })
  })

  it('does not touch a database of a newer version', async () => {
    await run(['migrate'])
    const database = await openDatabase(`sqlite:${join(cwd, 'data/mplogin.db')}`)
    await database.transact(tx =>
      sql`insert into mplogin_migration (name, timestamp) values ('9999-later', 'now')`.execute(tx),
    )
    for (const command of ['migrate', 'serve']) {
      const { code, output } = await run([command], { PORT: '0' })
      expect(code).toBe(1)
      expect(output).toContain('migrated by a newer mplogin (it has 9999-later)')
    }
    await database.transact(tx => sql`delete from mplogin_migration where name = '9999-later'`.execute(tx))
    await database.close()
  })

  it('says so when the secret is not the one of the database', async () => {
    await run(['migrate'], { DATABASE_URL: 'sqlite:./data/other.db' })
    const secret = () =>
      Buffer.from(Array.from({ length: 32 }, () => Math.floor(Math.random() * 256))).toString('base64')
    // The first start makes the signing keys; an unusable port ends it after that.
    await run(['serve'], { DATABASE_URL: 'sqlite:./data/other.db', MPLOGIN_SECRET: secret(), HOST: '203.0.113.1' })
    const { code, output } = await run(['serve'], {
      DATABASE_URL: 'sqlite:./data/other.db',
      MPLOGIN_SECRET: secret(),
      PORT: '0',
    })
    expect(code).toBe(1)
    expect(output).toContain('MPLOGIN_SECRET is not the one this database was made with')
  })

  it('config prints every setting with its source, secrets hidden', async () => {
    const { code, output } = await run(['config'], {
      PORT: '8080',
      WECHAT_APPID: 'wx1',
      WECHAT_SECRET: 'the-app-secret',
    })
    expect(code).toBe(0)
    expect(output).toMatch(/^PORT +8080 +environment$/m)
    expect(output).toMatch(/^WECHAT_SECRET +\(hidden\) +environment$/m)
    expect(output).toMatch(/^HOST +127\.0\.0\.1 +default$/m)
    expect(output).toMatch(/^MPLOGIN_SECRET +\(hidden\) +generated$/m)
    expect(output).not.toContain('the-app-secret')
    const json = JSON.parse((await run(['config', '--json'])).output)
    expect(json).toContainEqual({ name: 'PORT', value: '3000', source: 'default' })
  })
})
