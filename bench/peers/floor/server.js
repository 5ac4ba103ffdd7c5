/**
 * The floor: what a login costs at least. Fastify, prepared statements, a keep-alive pool to WeChat, ES256 by node:crypto,
 * one statement a login; no sessions, no refresh, no audit, no limits, no metrics, no log.
 */
import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import { defaultAvatar, maskPhone, randomNickname, settings } from '../settings.js'
import { openStore } from './store.js'
import { bearerOf, createTokens } from './tokens.js'
import { createWechat } from './wechat.js'

const store = openStore(settings.databaseUrl)
const wechat = createWechat(settings)
const tokens = createTokens(settings.tokenSecret)

const text = { type: 'string' }
const user = {
  type: 'object',
  properties: {
    ...{ id: text, nickname: text, avatar: text, phone: { type: ['string', 'null'] }, phoneBound: { type: 'boolean' } },
    createdAt: text,
  },
}
const login = { accessToken: text, tokenType: text, expiresIn: { type: 'integer' }, isNewUser: { type: 'boolean' } }
const answerOf = properties => ({
  response: { 200: { type: 'object', properties: { code: text, msg: text, data: { type: 'object', properties } } } },
})
const toUser = row => ({
  ...{ id: row.id, nickname: row.nickname, avatar: row.avatar },
  ...{ phone: row.phone && maskPhone(row.phone), phoneBound: row.phone !== null },
  createdAt: new Date(row.created_at).toISOString(),
})

async function signIn(openid, phone) {
  const row = await store.signIn({
    ...{ id: randomUUID(), openid, phone, nickname: randomNickname(), avatar: defaultAvatar },
    at: Date.now(),
  })
  const accessToken = tokens.issue(row.id)
  const data = { user: toUser(row), accessToken, tokenType: 'Bearer', expiresIn: tokens.ttlSeconds }
  return { code: 'OK', msg: '登录成功', data: { ...data, isNewUser: row.is_new } }
}

if (settings.migrates) await store.migrate()
const app = Fastify()
app.post('/login', { schema: answerOf({ user, ...login }) }, async ({ body }) => {
  return signIn(await wechat.exchangeCode(body.code), null)
})
app.post('/loginByPhone', { schema: answerOf({ user, ...login }) }, async ({ body }) => {
  const openid = await wechat.exchangeCode(body.loginCode)
  return signIn(openid, await wechat.getPhone(body.code, openid))
})
app.get('/me', { schema: answerOf({ user }) }, async (request, reply) => {
  const id = tokens.verify(bearerOf(request))
  if (id === undefined) return reply.code(401).send({ code: 'UNAUTHENTICATED', msg: '请先登录' })
  return { code: 'OK', msg: 'OK', data: { user: toUser(await store.find(id)) } }
})
await app.listen({ port: settings.port, host: '127.0.0.1' })
