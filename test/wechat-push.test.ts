import type { LoginAnswer, UserAnswer } from '@mplogin/contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { appA, appB, appC, type System, startSystem } from './support/system.js'
import { createPushSide, toXml } from './support/wechat-push-side.js'

const token = 'TokenOfThePushes'
const encodingAesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
const side = createPushSide({ token, encodingAesKey, appid: appA.appid })
const plainSide = createPushSide({ token, encodingAesKey, appid: appB.appid })

let system: System
let deleted: string[]
beforeAll(async () => {
  system = await startSystem({
    env: {
      WECHAT_APPS: JSON.stringify([{ ...appA, pushToken: token, encodingAesKey }, { ...appB, pushToken: token }, appC]),
    },
    hooks: {
      onAccountDeleted: async (_tx, { accountId }) => {
        deleted.push(accountId)
      },
    },
  })
})
beforeEach(() => {
  deleted = []
})
afterAll(() => system.close())

const seconds = () => Math.floor(system.clock().getTime() / 1000)

/** A push as WeChat sends it: encrypted for app A, plain for app B. */
async function push(
  event: string,
  openid: string,
  { appid = appA.appid, at = seconds(), format = 'json', ...more }: Record<string, string | number> = {},
) {
  const fields = { ToUserName: 'gh_1', FromUserName: openid, CreateTime: at, MsgType: 'event', Event: event }
  const message = { ...fields, OpenID: openid, AppID: appid, ...more }
  const text = format === 'xml' ? toXml(message) : JSON.stringify(message)
  return send(String(appid), text, String(format))
}

async function send(appid: string, text: string, format = 'json') {
  const stamp = { timestamp: String(seconds()), nonce: '12345' }
  if (appid !== appA.appid) {
    const query = new URLSearchParams({ ...stamp, signature: plainSide.sign(stamp.timestamp, stamp.nonce) })
    return deliver(appid, query, text)
  }
  const Encrypt = side.encrypt(text)
  const query = new URLSearchParams({
    ...stamp,
    encrypt_type: 'aes',
    msg_signature: side.sign(stamp.timestamp, stamp.nonce, Encrypt),
  })
  const outer = { ToUserName: 'gh_1', Encrypt }
  return deliver(appid, query, format === 'xml' ? toXml(outer) : JSON.stringify(outer))
}

async function deliver(appid: string, query: URLSearchParams, body: string) {
  const type = body.startsWith('<') ? 'text/xml' : 'application/json'
  const response = await fetch(`${system.url}/wechat/push/${appid}?${query}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

const success = { status: 200, type: 'text/plain; charset=utf-8', text: 'success' }
const me = async ({ accessToken }: LoginAnswer) => (await system.api.get<UserAnswer>('/me', accessToken)).body
const events = async (accountId: string) =>
  (await system.database.db.selectFrom('outbox').selectAll().where('account_id', '=', accountId).execute()).map(
    ({ type, payload }) => [type, JSON.parse(payload)],
  )
const audit = async (accountId: string) =>
  (
    await system.database.db
      .selectFrom('audit')
      .selectAll()
      .where('account_id', '=', accountId)
      .where('actor', '=', 'wechat')
      .execute()
  ).map(({ action, detail }) => [action, JSON.parse(detail)])

let phones = 13_700_000_000
async function member() {
  const person = system.person(String(phones++))
  const answer = (await person.loginByPhone()).body.data
  system.advance({ seconds: 60 })
  return { person, answer, openid: person.user.openid, accountId: answer.user.id }
}

describe('the address that WeChat pushes to', () => {
  it('proves itself when WeChat checks it, and to nobody else', async () => {
    const check = async (appid: string, change: Record<string, string> = {}) => {
      const stamp = { timestamp: String(seconds()), nonce: '12345' }
      const signature = side.sign(stamp.timestamp, stamp.nonce)
      const query = new URLSearchParams({ ...stamp, signature, echostr: '4375120948345356249', ...change })
      const response = await fetch(`${system.url}/wechat/push/${appid}?${query}`)
      return [response.status, await response.text()]
    }
    expect(await check(appA.appid)).toEqual([200, '4375120948345356249'])
    expect((await check(appA.appid, { signature: 'x' }))[0]).toBe(401)
    expect((await check(appA.appid, { timestamp: String(seconds() - 3600) }))[0]).toBe(401)
    expect((await check(appC.appid))[0]).toBe(404)
    expect((await check('wx0000000000000000'))[0]).toBe(404)
  })

  it('takes nothing that WeChat did not send', async () => {
    const { openid, answer } = await member()
    const forged = JSON.stringify({
      MsgType: 'event',
      Event: 'user_authorization_cancellation',
      OpenID: openid,
      AppID: appA.appid,
      CreateTime: seconds(),
    })
    const stamp = { timestamp: String(seconds()), nonce: '1' }
    for (const query of [{}, stamp, { ...stamp, signature: side.sign(stamp.timestamp, stamp.nonce) }]) {
      expect((await deliver(appA.appid, new URLSearchParams(query), forged)).status).toBe(401)
    }
    expect((await deliver(appC.appid, new URLSearchParams(stamp), forged)).status).toBe(404)
    expect((await me(answer)).code).toBe('OK')
  })

  it('says what it cannot read, and takes what is no business of a login', async () => {
    expect(await send(appA.appid, JSON.stringify({ MsgType: 'text', Content: 'hello', FromUserName: 'o1' }))).toEqual(
      success,
    )
    expect((await send(appA.appid, 'neither JSON nor XML')).status).toBe(400)
    const withoutOpenid = { MsgType: 'event', Event: 'user_authorization_revoke', CreateTime: seconds() }
    expect((await send(appA.appid, JSON.stringify(withoutOpenid))).status).toBe(400)
    const stamp = { timestamp: String(seconds()), nonce: '1' }
    expect((await deliver(appA.appid, new URLSearchParams(stamp), 'x'.repeat(70_000))).status).toBe(413)
  })
})

describe('a person who takes the phone back', () => {
  it.each([
    [appA.appid, 'json'],
    [appA.appid, 'xml'],
    [appB.appid, 'json'],
    [appB.appid, 'xml'],
  ])('has none any more, and stays signed in (%s, %s)', async (appid, format) => {
    const person = system.person(String(phones++))
    const answer = (await person.loginByPhone(appid)).body.data
    const { subject: openid } = await system.database.db
      .selectFrom('identities')
      .select('subject')
      .where('account_id', '=', answer.user.id)
      .where('kind', '=', 'openid')
      .executeTakeFirstOrThrow()
    system.advance({ seconds: 10 })
    expect(await push('user_authorization_revoke', openid, { appid, format, RevokeInfo: '8' })).toEqual(success)
    expect((await me(answer)).data.user).toMatchObject({
      phone: null,
      phoneBound: false,
      nickname: answer.user.nickname,
    })
    expect(await events(answer.user.id)).toContainEqual([
      'account.phone_changed',
      { accountId: answer.user.id, phoneBound: false },
    ])
    expect(await audit(answer.user.id)).toEqual([
      ['identity.released', { kind: 'phone', scope: '', reason: 'withdrawn' }],
    ])
  })

  it('is heard once, however often WeChat repeats itself, and a phone that was bound since stays', async () => {
    const { person, answer, openid, accountId } = await member()
    const at = seconds()
    await Promise.all(
      Array.from({ length: 5 }, () => push('user_authorization_revoke', openid, { at, RevokeInfo: '8' })),
    )
    expect(await audit(accountId)).toHaveLength(1)
    system.advance({ seconds: 60 })
    expect((await person.bindPhone(answer.accessToken)).status).toBe(200)
    expect(await push('user_authorization_revoke', openid, { at, RevokeInfo: '8' })).toEqual(success)
    expect((await me(answer)).data.user.phoneBound).toBe(true)
  })

  it('can be somebody else’s number then: the account does not follow it', async () => {
    const { openid, accountId, person } = await member()
    await push('user_authorization_revoke', openid, { RevokeInfo: '8' })
    const other = await system.person(String(person.user.phone).slice(3)).loginByPhone()
    expect([other.body.data.outcome, other.body.data.user.id === accountId]).toEqual(['created', false])
  })
})

describe('a person who takes nickname and avatar back', () => {
  it('is called as a new user is, and keeps the phone', async () => {
    const { answer, openid } = await member()
    const body = { nickname: '林晓', avatar: 'https://cdn.example.com/lin.png' }
    await system.api.request('PATCH', '/me', { token: answer.accessToken, body })
    await push('user_authorization_revoke', openid, { RevokeInfo: '6' })
    const { user } = (await me(answer)).data
    expect(user).toMatchObject({ avatar: '/uploads/default-avatar.png', phoneBound: true })
    expect(user.nickname).toMatch(/^用户\w{6}$/)
  })

  it('has both taken, and the phone, when WeChat names something that we do not know', async () => {
    const { answer, openid } = await member()
    await system.api.request('PATCH', '/me', { token: answer.accessToken, body: { nickname: '林晓' } })
    await push('user_authorization_revoke', openid, { RevokeInfo: '999' })
    const { user } = (await me(answer)).data
    expect([user.phoneBound, user.nickname === '林晓']).toEqual([false, false])
  })

  it('loses nothing by what was given to a plugin', async () => {
    const { answer, openid } = await member()
    await push('user_authorization_revoke', openid, { RevokeInfo: '8', PluginID: 'wxplugin', OpenPID: 'o-plugin' })
    expect((await me(answer)).data.user).toEqual(answer.user)
  })

  it('loses nothing by taking back what a login never had', async () => {
    const { answer, openid, accountId } = await member()
    await push('user_authorization_revoke', openid, { RevokeInfo: '7' })
    expect((await me(answer)).data.user).toEqual(answer.user)
    expect(await audit(accountId)).toEqual([])
  })
})

describe('a person who closes the account', () => {
  it('is erased, with the hook, and is new when coming back', async () => {
    const { person, answer, openid, accountId } = await member()
    const at = seconds()
    expect(await push('user_authorization_cancellation', openid, { at })).toEqual(success)
    expect((await me(answer)).code).toBe('SESSION_REVOKED')
    expect(deleted).toEqual([accountId])
    expect((await events(accountId)).map(([type]) => type)).toContain('account.deleted')
    expect(await audit(accountId)).toEqual([['account.deleted', {}]])
    system.advance({ seconds: 60 })
    const back = await person.loginByPhone()
    expect([back.body.data.outcome, back.body.data.user.id === accountId]).toEqual(['created', false])
    // WeChat repeats the push: the new account is none of its business.
    expect(await push('user_authorization_cancellation', openid, { at })).toEqual(success)
    expect((await me(back.body.data)).code).toBe('OK')
    expect(deleted).toEqual([accountId])
  })

  it.each([
    ['in the same app', appA.appid],
    ['in another app', appC.appid],
  ])('leaves the account to the other WeChat that shares it %s, and is out of it', async (_where, appid) => {
    const { answer, openid, person, accountId } = await member()
    const mother = system.person(String(person.user.phone).slice(3))
    const hers = (await mother.loginByPhone(appid)).body.data
    expect(hers.user.id).toBe(accountId)
    system.advance({ seconds: 60 })
    await push('user_authorization_cancellation', openid)
    expect((await me(answer)).code).toBe('SESSION_REVOKED')
    const refreshed = await system.api.post('/token/refresh', { refreshToken: answer.refreshToken })
    expect(refreshed.body.code).toBe('SESSION_REVOKED')
    expect((await mother.login(appid)).body.data.user.id).toBe(accountId)
    // Whose session it was in one app cannot be told; in another one nobody is signed out.
    expect((await me(hers)).code).toBe(appid === appA.appid ? 'SESSION_REVOKED' : 'OK')
    const child = await person.login()
    expect([child.body.data.outcome, child.body.data.user.id === accountId]).toEqual(['created', false])
    expect(deleted).toEqual([])
  })

  it('nobody knows is no failure', async () => {
    expect(await push('user_authorization_cancellation', 'o-unknown-openid')).toEqual(success)
  })
})

describe('a profile that WeChat has cleaned', () => {
  it('is told to the business, and left to it', async () => {
    const { answer, openid, accountId } = await member()
    const at = seconds()
    const pushes = await Promise.all(Array.from({ length: 5 }, () => push('user_info_modified', openid, { at })))
    expect(pushes).toEqual(Array(5).fill(success))
    expect((await me(answer)).data.user).toEqual(answer.user)
    const told = (await events(accountId)).filter(([type]) => type === 'account.wechat_profile_modified')
    expect(told).toEqual([['account.wechat_profile_modified', { accountId }]])
  })
})
