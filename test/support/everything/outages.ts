import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { databaseKind } from '../databases.js'
import { startProxy } from '../proxy.js'
import { byBoth, byOpenid } from './honest.js'
import type { Server, Stage } from './stage.js'

/** The database does not write, is gone, or is not what was expected: each time while people sign in. */
export async function outages(stage: Stage, server: Server): Promise<void> {
  const { testDatabase, database } = stage.fleet
  const lin = stage.person('13855551111')
  const { accessToken: token, refreshToken } = (await byBoth(server, lin)).body.data
  const everybody = (of: Server, body = { code: lin.phoneCode(), loginCode: lin.loginCode() }) => {
    const headers = { 'idempotency-key': stage.book.note('Idempotency-Key', randomUUID()) }
    const newcomer = stage.person('13855552222')
    const ask = () => of.ask('POST', '/loginByPhone', { body, headers })
    const requests = [
      ...[ask(), byOpenid(of, lin), byBoth(of, newcomer), byOpenid(of, stage.person())],
      ...[of.ask('GET', '/me', { token }), of.ask('POST', '/token/refresh', { body: { refreshToken } })],
      of.ask('PATCH', '/me', { token, body: { nickname: '停电' } }),
    ]
    return { done: Promise.all(requests), ask }
  }

  // The answer of a paid code is kept meanwhile: the retry succeeds.
  let retry: (() => Promise<unknown>) | undefined
  await testDatabase.whileLocked(async () => {
    const { done, ask } = everybody(server)
    retry = ask
    await done
  })
  await retry?.()

  const table = sql.table('identities')
  const away = sql.table('identities_away')
  await database.runStatement(db => sql`alter table ${table} rename to ${away}`.execute(db))
  await everybody(server).done
  await database.runStatement(db => sql`alter table ${away} rename to ${table}`.execute(db))

  if (databaseKind === 'sqlite') return
  const port = databaseKind === 'postgres' ? 5432 : 3306
  const proxy = await startProxy(port)
  const url = stage.fleet.env.DATABASE_URL.replace(`:${port}/`, `:${proxy.port}/`)
  const behind = await stage.serve({ DATABASE_URL: url.replace(/\?.*/, '?connect_timeout=1&query_timeout=1') })
  proxy.refuse()
  await everybody(behind).done
  await behind.ask('GET', '/readyz')
  proxy.pass()
  const { done } = everybody(behind)
  proxy.cut()
  await done
  await behind.process.stop()
  await proxy.close()
}
