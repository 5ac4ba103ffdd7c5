import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { LoginAnswer, TokenPair, UserAnswer } from '@mplogin/contract'
import { decodeJwt } from 'jose'
import { appA, appB } from '../system.js'
import { createPushSide } from '../wechat-push-side.js'
import type { Person, Server, Stage } from './stage.js'

const picture = new URL('../../../packages/server/assets/uploads/default-avatar.png', import.meta.url)

/** Signs in by both codes, as our SDK does. */
export const byBoth = (server: Server, who: Person) =>
  server.ask<LoginAnswer>('POST', '/loginByPhone', { body: { code: who.phoneCode(), loginCode: who.loginCode() } })
export const byOpenid = (server: Server, who: Person) =>
  server.ask<LoginAnswer>('POST', '/login', { body: { code: who.loginCode() } })

/** What people do who mean well: every route, every way to sign in, retries, several devices, leaving. */
export async function honestPeople(stage: Stage, server: Server): Promise<void> {
  const { ask } = server
  const lin = stage.person('13811112222', { appid: appB.appid })
  const headers = { 'idempotency-key': stage.book.note('Idempotency-Key', randomUUID()) }
  const once = { body: { code: lin.loginCode(), appid: appB.appid }, headers }
  await ask('POST', '/login', once)
  await ask('POST', '/login', once)
  await ask('POST', '/login', { ...once, body: { code: lin.loginCode(), appid: appB.appid } })
  await ask('POST', `/login?code=${lin.loginCode()}&appid=${appB.appid}`)

  const wang = stage.person('13811113333')
  await byOpenid(server, wang)
  const loginCode = wang.loginCode()
  await ask('POST', '/loginByPhone', { body: { ...wang.encrypted(), loginCode } })
  await ask('POST', '/loginByPhone', { body: { code: wang.phoneCode() } })
  const { accessToken: token, refreshToken } = (await byBoth(server, wang)).body.data
  await ask('POST', '/bindPhone', { token, body: { code: wang.phoneCode() } })
  await ask('GET', '/me', { token })
  await ask('PATCH', '/me', { token, body: { nickname: '王小明', avatar: 'https://cdn.example.com/a.png' } })
  await ask('POST', '/me', { token, body: { nickname: '王明' } })
  await upload(server, token)

  const tablet = (await byOpenid(server, wang)).body.data
  await ask('GET', '/me/sessions', { token })
  await ask('DELETE', `/me/sessions/${decodeJwt(tablet.accessToken).sid}`, { token })
  await ask('POST', '/token/refresh', { body: { refreshToken: tablet.refreshToken } })
  let held: TokenPair | undefined
  for (const presented of [refreshToken, refreshToken])
    held = (await ask<TokenPair>('POST', '/token/refresh', { body: { refreshToken: presented } })).body.data
  await ask('POST', '/logout', { token: held?.accessToken })
  const again = (await byOpenid(server, wang)).body.data
  await ask('POST', '/logout', { token: again.accessToken, body: { everywhere: true } })
  await ask('GET', '/me', { token: again.accessToken })

  await meetConflict(stage, server)
  const leaving = stage.person('13811114444')
  const left = (await byBoth(server, leaving)).body.data
  await ask('DELETE', '/me', { token: left.accessToken })
  await pushes(stage, server)
  await service(server)
}

/** Two accounts that claim one phone and one WeChat. */
async function meetConflict(stage: Stage, server: Server): Promise<void> {
  const [zhao, qian] = [stage.person('13811115555'), stage.person('13811116666')]
  await byBoth(server, zhao)
  await byBoth(server, qian)
  const both = stage.person('13811115555', { openid: qian.user.openid })
  const asked = await byBoth(server, both)
  const ticket = asked.body.ticket as string
  const answer = (body: object) => server.ask('POST', '/conflicts/resolve', { body })
  await answer({ ticket, choice: 'nonsense' })
  await answer({ ticket: `${ticket.slice(0, -2)}AA`, choice: 'use_phone_account' })
  await answer({ ticket, choice: 'use_phone_account' })
  await answer({ ticket, choice: 'use_phone_account' })
}

async function upload({ ask }: Server, token: string): Promise<void> {
  const form = new FormData()
  form.set('avatar', new Blob([readFileSync(picture)], { type: 'image/png' }), 'me.png')
  const answer = await ask<UserAnswer>('POST', '/me/avatar', { token, body: form })
  await ask('GET', answer.body.data.user.avatar)
  // A picture of another kind, and none at all.
  const nothing = new FormData()
  nothing.set('avatar', new Blob([token]), `${token.slice(0, 40)}.png`)
  await ask('POST', '/me/avatar', { token, body: nothing })
  await ask('POST', '/me/avatar', {
    token,
    body: '--x',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
  })
}

/** WeChat's check of the address, and a person who closes their WeChat. */
async function pushes(stage: Stage, { ask }: Server): Promise<void> {
  const side = createPushSide({
    token: stage.pushes.pushToken,
    encodingAesKey: stage.pushes.encodingAesKey,
    appid: appA.appid,
  })
  const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), '12345']
  const check = { timestamp, nonce, echostr: 'echo', signature: side.sign(timestamp, nonce) }
  await ask('GET', `/wechat/push/${appA.appid}?${new URLSearchParams(check)}`)
  const { openid } = stage.person().user
  const event = { ToUserName: 'gh_1', FromUserName: openid, CreateTime: Number(timestamp), MsgType: 'event' }
  const message = JSON.stringify({
    ...event,
    Event: 'user_authorization_cancellation',
    OpenID: openid,
    AppID: appA.appid,
  })
  const Encrypt = side.encrypt(message)
  const query = { timestamp, nonce, encrypt_type: 'aes', msg_signature: side.sign(timestamp, nonce, Encrypt) }
  const path = `/wechat/push/${appA.appid}?${new URLSearchParams(query)}`
  await ask('POST', path, { body: { Encrypt } })
  // Forged, and not encrypted though it must be.
  await ask('POST', `${path}x`, { body: { Encrypt } })
  await ask('POST', path, { body: message })
}

async function service({ ask }: Server): Promise<void> {
  const paths = ['/.well-known/jwks.json', '/openapi.json', '/docs', '/docs/json', '/healthz', '/readyz', '/metrics']
  for (const path of [...paths, '/uploads/default-avatar.png', '/nowhere']) await ask('GET', path)
}
