import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrate } from '@mplogin/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databaseKind } from '../support/databases.js'
import { type Fleet, startFleet } from '../support/fleet.js'
import { brokenInvariants } from '../support/invariants.js'
import { startCommand } from '../support/processes.js'
import { appA, appB, appC } from '../support/system.js'

let fleet: Fleet
afterEach(async () => {
  expect(await brokenInvariants(fleet.database)).toEqual([])
  await fleet.close()
})

const path = (name = 'users.csv') => join(fleet.cwd, name)
const write = (content: string | Buffer, name?: string) => writeFileSync(path(name), content)
const count = async (table: 'accounts' | 'identities') =>
  Number(
    (
      await fleet.database.db
        .selectFrom(table)
        .select(eb => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
    ).count,
  )

describe('mplogin import', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    fleet = await startFleet(1)
  })

  it('brings users who then sign in as themselves, by phone, by openid and by unionid', async () => {
    const lin = fleet.person('13811110001')
    const wang = fleet.person(undefined)
    const zhao = fleet.person(undefined, { appid: appB.appid })
    write(
      `\uFEFFid,nickname,phone,openid,appid,unionid\r\n` +
        `u-1,"林, ""小""\n林",+86 138-1111-0001,,,\r\n` +
        `,王,,${wang.user.openid},${appA.appid},\r\n` +
        `u-3,赵,,,${appB.appid},${zhao.user.unionid}\r\n`.replace('赵', ' 赵 '),
    )
    const bad = await fleet.run('import', path())
    // A line break has no place in a nickname.
    expect(bad).toMatchObject({ code: 1, output: expect.stringContaining('line 2: nickname') })
    write(readFileSync(path(), 'utf8').replace('\n林', '林'))
    expect(await fleet.run('import', path())).toEqual({
      code: 0,
      output: `${path()}: 3 users, all of them well-formed.\nImported: 3 created, 0 added to, 0 unchanged, 0 in conflict.\n`,
    })
    const byPhone = (await fleet.api().loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })).body.data
    expect(byPhone).toMatchObject({
      outcome: 'linked',
      isNewUser: false,
      user: { id: 'u-1', nickname: '林, "小"林', phone: '138******01', avatar: '/uploads/default-avatar.png' },
    })
    expect((await fleet.api().login({ code: wang.loginCode() })).body.data).toMatchObject({
      outcome: 'existing',
      user: { nickname: '王' },
    })
    expect((await fleet.api().login({ code: zhao.loginCode(), appid: appB.appid })).body.data).toMatchObject({
      outcome: 'linked',
      user: { id: 'u-3', nickname: '赵' },
    })
  })

  it('is idempotent, also for another file with the same users', async () => {
    write('phone\n+8613811110002\n+8613811110003\n')
    await fleet.run('import', path())
    expect((await fleet.run('import', path())).output).toContain(
      'This file was imported before (2 created, 0 added to, 0 unchanged, 0 in conflict); nothing changed.',
    )
    write('phone\n+8613811110003\n+8613811110002\n+8613811110004\n')
    expect((await fleet.run('import', path())).output).toContain('1 created, 0 added to, 2 unchanged, 0 in conflict')
    expect([await count('accounts'), await count('identities')]).toEqual([3, 3])
  })

  it('adds to accounts that are there, and never merges or replaces: that goes to the report', async () => {
    const [lin, wang, zhao] = [fleet.person('13811110005'), fleet.person('13811110006'), fleet.person('13811110007')]
    const login = (who: typeof lin) => fleet.api().login({ code: who.loginCode() })
    const accounts = [await login(lin), await login(wang), await login(zhao)].map(answer => answer.body.data.user.id)
    await fleet.api().loginByPhone({ code: wang.phoneCode() })
    await fleet.api().loginByPhone({ code: zhao.phoneCode(), loginCode: zhao.loginCode() })
    write(
      [
        'id,phone,openid,appid',
        `,+8613811110005,${lin.user.openid},${appA.appid}`,
        `,+8613811110006,${wang.user.openid},${appA.appid}`,
        `,+8613811119999,${zhao.user.openid},${appA.appid}`,
        `another-id,+8613811110007,,`,
        `,+8613811110007,o-of-somebody-else,${appA.appid}`,
      ].join('\n'),
    )
    const twice = await fleet.run('import', path())
    expect(twice.output).toContain('line 6: phone: the same as in line 5')
    write(readFileSync(path(), 'utf8').split('\n').slice(0, 5).join('\n'))
    const { code, output } = await fleet.run('import', path())
    expect([code, output]).toEqual([0, expect.stringContaining('0 created, 1 added to, 0 unchanged, 3 in conflict')])
    const report = readFileSync(`${path()}.conflicts.csv`, 'utf8').trim().split('\n')
    expect(report).toHaveLength(4)
    expect(report[1]).toMatch(new RegExp(`^3,several_accounts,.*${accounts[1]}`))
    expect(report.slice(2)).toEqual([`4,other_phone,${accounts[2]}`, `5,other_id,${accounts[2]}`])
    // The database keeps it: lost, it is written again.
    rmSync(`${path()}.conflicts.csv`)
    expect((await fleet.run('import', path())).output).toContain('was imported before')
    expect(readFileSync(`${path()}.conflicts.csv`, 'utf8').trim().split('\n')).toEqual(report)
    expect((await fleet.api().loginByPhone({ code: lin.phoneCode() })).body.data.user.id).toBe(accounts[0])
  })

  it('continues after it was stopped and after it was killed, and reports each conflict once', async () => {
    const rows = 6_000
    const lin = fleet.person('13811110020')
    await fleet.api().loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })
    const lines = Array.from({ length: rows }, (_, i) =>
      // Every hundredth row claims another phone for an account that has one.
      i % 100 === 99
        ? `,+86137${String(i).padStart(8, '0')},${lin.user.openid}-${i}`
        : `,+86137${String(i).padStart(8, '0')},`,
    )
    lines[99] = `,+8613700000099,${lin.user.openid}`
    write(`nickname,phone,openid,appid\n${lines.map(line => `${line},${appA.appid}`).join('\n')}\n`)
    const stopAfter = async (signal: NodeJS.Signals, rowsDone: number) => {
      const process = startCommand(['import', path()], { cwd: fleet.cwd, env: fleet.env })
      for (;;) {
        const state = await fleet.database.db.selectFrom('imports').select('rows_done').executeTakeFirst()
        if ((state?.rows_done ?? 0) >= rowsDone || process.child.exitCode !== null) break
        await new Promise(resolve => setTimeout(resolve, 10))
      }
      await process.stop(signal)
      return process
    }
    const stopped = await stopAfter('SIGTERM', 1000)
    expect(stopped.output()).toMatch(/Stopped after \d+ of 6000 rows .* the same command continues/)
    expect(stopped.child.exitCode).toBe(130)
    await stopAfter('SIGKILL', 3000)
    expect(existsSync(`${path()}.conflicts.csv`)).toBe(true)
    const { code, output } = await fleet.run('import', path())
    expect([code, output]).toEqual([0, expect.stringContaining('5999 created, 0 added to, 0 unchanged, 1 in conflict')])
    expect(await count('accounts')).toBe(rows)
    expect(readFileSync(`${path()}.conflicts.csv`, 'utf8').trim().split('\n')).toEqual([
      'line,reason,accounts',
      expect.stringMatching(/^101,other_phone,/),
    ])
  })

  it.runIf(databaseKind === 'postgres')('needs no more memory for a longer file', async () => {
    const rows = 30_000
    const lines = Array.from({ length: rows }, (_, i) => `+86135${String(i).padStart(8, '0')},o-${i},${appA.appid}`)
    write(`phone,openid,appid\n${lines.join('\n')}\n`)
    // Without anything to spare: the command by itself takes most of it, all rows would take more.
    const { code, output } = await fleet.runWith({ NODE_OPTIONS: '--max-old-space-size=32' }, 'import', path())
    expect([code, output]).toEqual([0, expect.stringContaining(`Imported: ${rows} created`)])
  })

  it('goes on in one process when it was started twice: nobody is left out or imported twice', async () => {
    const rows = 8_000
    write(`phone\n${Array.from({ length: rows }, (_, i) => `+86136${String(i).padStart(8, '0')}`).join('\n')}\n`)
    const both = [0, 1].map(() => startCommand(['import', path()], { cwd: fleet.cwd, env: fleet.env }))
    const runs = new Set<string>()
    while (runs.size < 2 && both.some(process => process.child.exitCode === null)) {
      const state = await fleet.database.db.selectFrom('imports').select('run').executeTakeFirst()
      if (state) runs.add(state.run)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    await Promise.all(both.map(process => process.stop()))
    const outputs = both.map(process => process.output()).join('')
    expect(outputs).toMatch(/another mplogin has taken this import over|Stopped/)
    expect((await fleet.run('import', path())).output).toContain(`${rows} created, 0 added to, 0 unchanged`)
    expect(await count('accounts')).toBe(rows)
  })

  it.runIf(databaseKind !== 'mysql')('waits for a database that is out of reach for a while', async () => {
    const rows = 12_000
    write(`phone\n${Array.from({ length: rows }, (_, i) => `+86134${String(i).padStart(8, '0')}`).join('\n')}\n`)
    const rowsDone = async () =>
      (await fleet.database.db.selectFrom('imports').select('rows_done').executeTakeFirst())?.rows_done ?? 0
    const importing = startCommand(['import', path()], { cwd: fleet.cwd, env: fleet.env })
    const ended = new Promise(resolve => importing.child.on('close', resolve))
    while ((await rowsDone()) === 0) await new Promise(resolve => setTimeout(resolve, 5))
    // Longer than a statement or a lock is waited for.
    await fleet.testDatabase.whileLocked(() => new Promise(resolve => setTimeout(resolve, 6000)))
    await ended
    expect(importing.output()).toContain(`Imported: ${rows} created`)
  })

  it('makes one account of a person in several apps, and keeps when the business met them', async () => {
    const lin = fleet.person('13811110040')
    write(
      [
        'nickname,phone,openid,appid,unionid,created_at,last_seen_at',
        `林,+8613811110040,${lin.user.openid}-b,${appB.appid},u-of-lin,2019-05-31,2026-01-02T03:04:05+08:00`,
        `林,,${lin.user.openid}-c,${appC.appid},u-of-lin,2020-01-01,2020-01-01`,
      ].join('\n'),
    )
    expect((await fleet.run('import', path())).output).toContain('Imported: 1 created, 1 added to, 0 unchanged')
    const accounts = await fleet.database.db.selectFrom('accounts').selectAll().execute()
    expect(accounts).toMatchObject([
      { created_at: Date.parse('2019-05-31'), last_seen_at: Date.parse('2026-01-01T19:04:05Z') },
    ])
    expect(await count('identities')).toBe(4)
    write('phone,created_at\n+8613811110041,2999-01-01\n+8613811110042,31.05.2024\n')
    expect((await fleet.run('import', path())).output).toMatch(
      /line 2: created_at: not a moment of the past\n {2}line 3: created_at: expected 2024-05-31/,
    )
  })

  it('never overwrites a file that is no report of its own', async () => {
    write('phone\n+8613811110050\n')
    const itself = await fleet.run('import', path(), '--conflicts', path())
    expect([itself.code, itself.output]).toEqual([1, expect.stringContaining('is the file of the users itself')])
    write('precious', 'other.txt')
    const other = await fleet.run('import', path(), '--conflicts', path('other.txt'))
    expect([other.code, other.output]).toEqual([1, expect.stringContaining('is no report of conflicts')])
    expect([readFileSync(path(), 'utf8'), readFileSync(path('other.txt'), 'utf8')]).toEqual([
      'phone\n+8613811110050\n',
      'precious',
    ])
    const nowhere = await fleet.run('import', path(), '--conflicts', path('no/such/folder.csv'))
    expect([nowhere.code, nowhere.output]).toEqual([1, expect.stringContaining('ENOENT')])
    expect(await count('accounts')).toBe(0)
  })

  it("refuses settings that are not the servers': another secret, none, or another Open Platform", async () => {
    write('phone\n+8613811110060\n')
    const other = JSON.stringify([{ ...appA, openPlatform: 'other' }, appB, appC])
    const importWith = (env: Record<string, string>) => fleet.runWith(env, 'import', path())
    expect((await importWith({ WECHAT_APPS: other })).output).toMatch(/openPlatform of wxa+ is "other" here and ""/)
    expect((await importWith({ MPLOGIN_SECRET: randomBytes(32).toString('base64') })).output).toContain(
      'MPLOGIN_SECRET is not the one this database was made with',
    )
    if (databaseKind !== 'sqlite') {
      expect((await importWith({ MPLOGIN_SECRET: '' })).output).toContain('MPLOGIN_SECRET: found nothing')
    }
    expect(await count('accounts')).toBe(0)
  })

  it('meets people who sign in meanwhile: each is one account', async () => {
    const people = Array.from({ length: 40 }, (_, i) => fleet.person(`1381112${String(1000 + i)}`))
    const lines = people.map(({ user }) => `${user.phone},${user.openid},${appA.appid}`)
    write(`phone,openid,appid\n${lines.join('\n')}\n`)
    const importing = fleet.run('import', path())
    let isRunning = true
    const load = Array.from({ length: 4 }, async () => {
      for (let i = 0; isRunning; i++) {
        const lin = people[i % people.length] as (typeof people)[number]
        expect((await fleet.api().login({ code: lin.loginCode() })).status).toBe(200)
      }
    })
    expect((await importing).code).toBe(0)
    isRunning = false
    await Promise.all(load)
    expect(await count('accounts')).toBe(people.length)
  })
})

describe('mplogin import, of what cannot be imported', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    fleet = await startFleet(0)
    await migrate(fleet.database)
  })

  it('checks every row first: one problem, and nothing is imported', async () => {
    write(
      [
        'id,phone,openid,appid,avatar',
        'ok,+8613811110008,,,',
        'bad id,+8613811110009,,,',
        ',13811110010,,,',
        ',1.38E+10,,,',
        ',+861381111000,,,',
        ',+86138111100011,,,',
        ',8613811110000,,,',
        ',not a phone,,,',
        ',,,,',
        ',,o-1,wx-unknown,',
        ',,o-1,,',
        'ok,+8613811110011,,,javascript:alert(1)',
        'ok,+8613811110012,,,',
        ',+8613811110008,,,',
        `nobody,,,${appA.appid},`,
        ',+8613811110013,,,,',
        '8613811110014,+8613811110014,,,',
      ].join('\n'),
    )
    const { code, output } = await fleet.run('import', path())
    expect(code).toBe(1)
    const problems = output.split('\n').filter(line => line.startsWith('  line'))
    expect(problems).toEqual([
      '  line 3: id: expected 1 to 36 letters, digits, - and _',
      '  line 4: phone: no country code; write +8613800000000, or name the code of all with --country-code 86',
      '  line 5: phone: a spreadsheet rounded it (1.38E+10); export the column as text',
      '  line 6: phone: not a number that its country has',
      '  line 7: phone: not a number that its country has',
      '  line 8: phone: its + is missing; write +8613800000000',
      '  line 9: phone: expected digits, as +8613800000000',
      '  line 11: appid: not one of the configured apps',
      '  line 12: appid: missing, and several apps are configured',
      '  line 13: avatar: expected an https URL or a path, at most 500 characters',
      '  line 14: id: the same as in line 2',
      '  line 15: phone: the same as in line 2',
      '  line 16: nothing that the person could sign in with: expected a phone, an openid or a unionid',
      '  line 17: 6 cells, where the header has 5',
      '  line 18: id: the same as the phone, openid or unionid, which a deletion could then not erase',
    ])
    expect(output).toContain('15 problems; nothing was imported')
    expect(output).not.toMatch(/1381111\d{4}/)
    expect(await count('accounts')).toBe(0)
  })

  it('says which file cannot be read', async () => {
    expect(await fleet.run('import', 'nowhere.csv')).toEqual({
      code: 1,
      output: 'mplogin: nowhere.csv: there is no such file\n',
    })
    mkdirSync(path('folder'))
    expect((await fleet.run('import', path('folder'))).output).toContain('folder is not a file')
  })
})
