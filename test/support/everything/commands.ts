import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { appA, appB } from '../system.js'
import { securitySample } from '../wechat-samples.js'
import { byBoth, byOpenid } from './honest.js'
import type { Server, Stage } from './stage.js'

/** What is printed of settings, right and wrong. */
export async function settings(stage: Stage): Promise<void> {
  const { book } = stage
  const [secret, adminToken, password] = [24, 7, 12].map(bytes => randomBytes(bytes).toString('hex'))
  book.note('MPLOGIN_SECRET', secret)
  book.note('ADMIN_TOKEN', adminToken)
  book.note('database password', password)
  await stage.run(['config'])
  await stage.run(['config', '--json'], { WECHAT_APPS: withSecurityMode(stage) })
  await stage.run(['serve'], { WECHAT_APPS: `[{"appid":"x","secret":"${stage.apps[0]?.secret}"` })
  await stage.run(['serve'], { MPLOGIN_SECRET: `${secret}`, ADMIN_TOKEN: `${adminToken}` })
  for (const address of [
    'postgres://x:PASSWORD@127.0.0.1:1/x',
    'mysql://x:PASSWORD@127.0.0.1:3306/x',
    'pg://x:PASSWORD@y',
  ])
    await stage.run(['migrate'], { DATABASE_URL: address.replace('PASSWORD', `${password}`) })
}

/** What operators do, well and badly. */
export async function commands(stage: Stage, server: Server): Promise<void> {
  await stage.run(['migrate'])
  await Promise.all([keys(stage), imports(stage, server), merges(stage, server)])

  // The secret is replaced: phones and keys are sealed anew.
  const [next, foreign] = [stage.newSecret(), stage.newSecret()]
  const MPLOGIN_SECRET = `${next},${stage.secret}`
  await stage.run(['keys', 'reencrypt'], { MPLOGIN_SECRET })
  const renewed = await stage.serve({ MPLOGIN_SECRET })
  await byBoth(renewed, stage.person('13866669999'))
  await stage.noteSigningKeys()
  for (const args of [['keys', 'reencrypt'], ['serve']]) await stage.run(args, { MPLOGIN_SECRET: foreign })
}

async function keys(stage: Stage): Promise<void> {
  await stage.run(['keys', 'list', '--json'])
  await stage.run(['keys', 'rotate'])
  await stage.run(['keys', 'rotate', '--now'])
  await stage.noteSigningKeys()
  await stage.run(['keys', 'rotate', '--leaked'])
}

function withSecurityMode({ apps, book }: Stage): string {
  const { symmetricKey, symmetricKeySn, privateKey, publicKeySn, certificate } = securitySample
  book.note('API security key', symmetricKey)
  book.note('API security key', privateKey)
  const security = { symmetricKey, symmetricKeySn, privateKey, publicKeySn, platformCertificates: [certificate] }
  return JSON.stringify([{ ...apps[0], security }])
}

async function imports(stage: Stage, server: Server): Promise<void> {
  const { book, fleet } = stage
  const path = join(fleet.cwd, 'users.csv')
  const write = (...rows: string[]) => writeFileSync(path, `nickname,phone,openid,appid,unionid\n${rows.join('\n')}\n`)
  const [lin, wang] = [stage.person('13866661111'), stage.person('13866662222')]
  await byBoth(server, lin)
  await byBoth(server, wang)
  const openid = book.note('openid', 'o-of-the-file-of-users-00001')
  const unionid = book.note('unionid', 'u-of-the-file-of-users-00001')
  for (const phone of ['13866663333', '13866664444', '13866665555']) book.note('phone', phone)

  write(
    `林,13866663333,${openid},${appA.appid},`,
    `王,+86 138-6666-4444x,${openid},wx0000000000000000,${unionid}`,
    `赵,1.38E+10,${openid}\u0000,${appA.appid},`,
    `"钱,+8613866665555,${openid}`,
    `孙,+8613866663333,${openid},${appA.appid},${unionid},one too many`,
  )
  await stage.run(['import', path])
  await stage.run(['import', path, '--country-code', '13866663333'])
  write(
    `林,+8613866663333,${openid},${appB.appid},${unionid}`,
    `王,+8613866661111,${wang.user.openid},${appA.appid},`,
    `赵,+86 138 6666 5555,${lin.user.openid},${appA.appid},`,
  )
  await stage.run(['import', path, '--dry-run'])
  await stage.run(['import', path])
  await stage.run(['import', path, '--conflicts', path])
  stage.keepFile(`${path}.conflicts.csv`)
}

async function merges(stage: Stage, server: Server): Promise<void> {
  const lin = stage.person('13866667777')
  await byOpenid(server, lin)
  await server.ask('POST', '/loginByPhone', { body: { code: lin.phoneCode() } })
  await byBoth(server, lin)
  const { output } = await stage.run(['merges', 'list', '--json'])
  await stage.run(['merges', 'list'])
  const [{ id } = { id: 'none' }] = JSON.parse(output) as { id: string }[]
  await stage.run(['merges', 'undo', id])
  await stage.run(['merges', 'undo', id])
}
