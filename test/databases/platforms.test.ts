import type { LoginAnswer } from '@mplogin/contract'
import { createApp, openDatabase, readConfig } from '@mplogin/server'
import type { FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Api, createApi } from '../support/api.js'
import { brokenInvariants } from '../support/invariants.js'
import { appA, appB, appC, type System, startSystem } from '../support/system.js'

let system: System
const running: FastifyInstance[] = []
beforeEach(async () => {
  system = await startSystem()
})
afterEach(async () => {
  for (const app of running.splice(0)) await app.close()
  expect(await brokenInvariants(system.database)).toEqual([])
  await system.close()
})

/** The same service with other settings of its apps. */
async function restart(apps: readonly object[]): Promise<Api> {
  const env = { ...system.env, WECHAT_APPS: JSON.stringify(apps) }
  const app = await createApp(readConfig({ directory: system.directory, env }), { clock: system.clock })
  running.push(app)
  return createApi(await app.listen({ host: '127.0.0.1', port: 0 }))
}
const audited = (action: string) =>
  system.database.db.selectFrom('audit').select('detail').where('action', '=', action).execute()
const login = (api: Api, lin: ReturnType<System['person']>, { appid }: { appid: string }) =>
  api.login({ code: lin.loginCode(appid), appid }).then(answer => answer.body.data)

/** Gives an account a phone, tapped in the app by its own WeChat. */
async function bind(api: Api, { accessToken, user }: LoginAnswer, phone: string, { appid }: { appid: string }) {
  const openid = await system.database.db
    .selectFrom('identities')
    .select('subject')
    .where('account_id', '=', user.id)
    .where('kind', '=', 'openid')
    .where('scope', '=', appid)
    .executeTakeFirstOrThrow()
  const tapping = system.emulator.createUser({ appid, openid: openid.subject, phone })
  const { code } = system.emulator.phoneCode(tapping.id, { appid })
  expect((await api.post('/bindPhone', { code }, { token: accessToken })).body.code).toBe('OK')
}

describe('unionids', () => {
  it('make one person of the apps of one Open Platform account at once', async () => {
    const lin = system.person()
    const inB = await login(system.api, lin, appB)
    const inC = await login(system.api, lin, appC)
    expect(inC).toMatchObject({ outcome: 'linked', user: { id: inB.user.id } })
    expect((await login(system.api, lin, appA)).user.id).not.toBe(inB.user.id)
  })

  it('that appear late are added, and where they reveal two accounts of one person these merge', async () => {
    // The two apps are not bound to the Open Platform yet: WeChat gives no unionid.
    const bare = [appB, appC].map(({ appid, secret }) => ({ appid, secret }))
    for (const app of bare) system.emulator.addApp(app)
    const lin = system.person()
    const inB = await login(system.api, lin, appB)
    system.advance({ seconds: 1 })
    const inC = await login(system.api, lin, appC)
    expect(inC).toMatchObject({ outcome: 'created' })

    for (const app of [appB, appC]) system.emulator.addApp(app)
    expect(await login(system.api, lin, appB)).toMatchObject({ outcome: 'linked', user: { id: inB.user.id } })
    expect(await login(system.api, lin, appC)).toMatchObject({ outcome: 'merged', user: { id: inB.user.id } })
    expect((await system.api.get('/me', inC.accessToken)).body.data).toMatchObject({ user: { id: inB.user.id } })
  })

  it('stored before openPlatform was configured are found by it, also through another app', async () => {
    // The operator forgot openPlatform of B; WeChat gives unionids all the same.
    const { openPlatform: _, ...forgotten } = appB
    const before = await restart([appA, forgotten, appC])
    const lin = system.person()
    const inB = await login(before, lin, appB)
    const after = await restart([appA, appB, appC])
    expect(await login(after, lin, appC)).toMatchObject({ outcome: 'linked', user: { id: inB.user.id } })
    expect(await login(after, lin, appB)).toMatchObject({ outcome: 'existing', user: { id: inB.user.id } })
    const details = (await audited('app.platform_changed')).map(({ detail }) => JSON.parse(detail))
    expect(details).toContainEqual({ appid: appB.appid, from: '', to: 'platform' })
    const unionids = await system.database.db
      .selectFrom('identities')
      .select('scope')
      .where('kind', '=', 'unionid')
      .execute()
    expect(unionids).toEqual([{ scope: 'platform' }])
  })

  it('are kept when the platform is renamed, and the change is audited once', async () => {
    const lin = system.person()
    const inB = await login(system.api, lin, appB)
    const renamed = [appA, ...[appB, appC].map(app => ({ ...app, openPlatform: 'acme' }))]
    const api = await restart(renamed)
    expect(await login(api, lin, appC)).toMatchObject({ outcome: 'linked', user: { id: inB.user.id } })
    await restart(renamed)
    expect((await audited('app.platform_changed')).map(({ detail }) => JSON.parse(detail))).toEqual([
      { appid: appB.appid, from: 'platform', to: 'acme' },
      { appid: appC.appid, from: 'platform', to: 'acme' },
    ])
    expect(await audited('identity.relabelled')).toHaveLength(1)
  })

  it('stored under the former names of two apps are one when both get a common name', async () => {
    const { openPlatform: _, ...bare } = appB
    const before = await restart([appA, bare, { ...appC, openPlatform: 'c-alone' }])
    const lin = system.person()
    // Stored as ('', unionid) by B and, the same account by its openid there, as ('c-alone', unionid) by C.
    const inB = await login(before, lin, appB)
    const inC = await login(before, lin, appC)
    expect(inC.user.id).not.toBe(inB.user.id)
    const after = await restart([appA, ...[appB, appC].map(app => ({ ...app, openPlatform: 'common' }))])
    expect(await login(after, lin, appB)).toMatchObject({ outcome: 'merged', user: { id: inB.user.id } })
    expect(await login(after, lin, appB)).toMatchObject({ outcome: 'existing' })
    expect(await login(after, lin, appC)).toMatchObject({ outcome: 'existing', user: { id: inB.user.id } })
  })

  it('stored twice go where the person chooses, at the first choice', async () => {
    const { openPlatform: _, ...bare } = appB
    const before = await restart([appA, bare, { ...appC, openPlatform: 'c-alone' }])
    const lin = system.person('13800000071')
    const other = system.person('13800000072')
    const inB = await login(before, lin, appB)
    const inC = await login(before, lin, appC)
    await bind(before, inB, '13800000071', appB)
    await bind(before, inC, other.user.phone ?? '', appC)
    const after = await restart([appA, ...[appB, appC].map(app => ({ ...app, openPlatform: 'common' }))])
    const asked = await after.loginByPhone({
      code: lin.phoneCode(appB.appid),
      loginCode: lin.loginCode(appB.appid),
      appid: appB.appid,
    })
    expect(asked.body.code).toBe('ACCOUNT_CONFLICT')
    const choice = { ticket: asked.body.ticket, choice: 'use_phone_account' }
    expect((await after.post('/conflicts/resolve', choice)).body.data).toMatchObject({ user: { id: inB.user.id } })
    expect(await login(after, lin, appB)).toMatchObject({ outcome: 'existing', user: { id: inB.user.id } })
  })

  it('change when an app moves to another platform: its openid still finds the account', async () => {
    const lin = system.person()
    const inB = await login(system.api, lin, appB)
    const moved = { ...appB, openPlatform: 'another owner' }
    system.emulator.addApp(moved)
    const api = await restart([appA, moved, appC])
    expect(await login(api, lin, appB)).toMatchObject({ outcome: 'linked', user: { id: inB.user.id } })
    // The app that stayed knows the person by the former unionid.
    expect(await login(api, lin, appC)).toMatchObject({ outcome: 'linked', user: { id: inB.user.id } })
    const database = await openDatabase(system.testDatabase.url)
    const scopes = await database.db
      .selectFrom('identities')
      .select('scope')
      .where('kind', '=', 'unionid')
      .orderBy('scope')
      .execute()
    expect(scopes.map(row => row.scope)).toEqual(['another owner', 'platform'])
    await database.close()
  })
})
