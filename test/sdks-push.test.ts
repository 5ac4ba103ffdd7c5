import { createRequire } from 'node:module'
import { createPushReader } from '@mplogin/wechat'
import { describe, expect, it } from 'vitest'
import { createPushSide, toXml } from './support/wechat-push-side.js'
import { bizMsgSample } from './support/wechat-samples.js'

// A WeChat SDK that others wrote reads and writes pushes too: what one writes the other reads, and both sign alike.
const require = createRequire(import.meta.url)
const { MiniApp } = require('node-easywechat')

const { token, encodingAesKey, appid } = bizMsgSample
const at = new Date('2026-11-23T08:00:00Z')
const timestamp = String(at.getTime() / 1000)
const nonce = '1372623149'
const reader = createPushReader({ token, encodingAesKey, appid, clock: () => at })
const encryptor = new MiniApp({ app_id: appid, secret: 's', token, aes_key: encodingAesKey }).getEncryptor()
const side = createPushSide(bizMsgSample)

const event = {
  ToUserName: 'gh_1',
  CreateTime: Number(timestamp),
  MsgType: 'event',
  Event: 'user_authorization_cancellation',
  OpenID: 'owAqB1nqaOYYWl0Ng484G2z5NIwU',
  AppID: appid,
}

describe('node-easywechat', () => {
  it.each([
    ['an event', toXml(event)],
    ['Chinese and emoji', toXml({ ...event, Content: '注销 😀' })],
    ['a text of each length modulo the padding', ''],
  ])('writes %s that our reader reads', (_name, message) => {
    const messages =
      message === '' ? Array.from({ length: 33 }, (_, n) => toXml({ ...event, Content: 'x'.repeat(n) })) : [message]
    for (const text of messages) {
      const body: string = encryptor.encrypt(text, nonce, timestamp)
      const [, signature] = /<MsgSignature>(\w+)</.exec(body) ?? []
      const read = reader.read({ query: { timestamp, nonce, msg_signature: signature }, body })
      expect(read).toMatchObject({ kind: event.Event, openid: event.OpenID, createdAt: at })
    }
  })

  it('opens what WeChat’s side of our tests writes, and signs it alike', () => {
    for (let length = 0; length < 70; length += 1) {
      const message = toXml({ ...event, Content: '改'.repeat(length) })
      const encrypted = side.encrypt(message)
      const signature = side.sign(timestamp, nonce, encrypted)
      expect(encryptor.createSignature(token, timestamp, nonce, encrypted)).toBe(signature)
      expect(encryptor.decrypt(encrypted, signature, nonce, timestamp)).toBe(message)
      expect(
        reader.read({
          query: { timestamp, nonce, msg_signature: signature },
          body: JSON.stringify({ Encrypt: encrypted }),
        }),
      ).toMatchObject({ kind: event.Event })
    }
  })

  it('opens the demo of WXBizMsgCrypt as our reader does', () => {
    const { query, body } = bizMsgSample
    const [, encrypted = ''] = /<Encrypt><!\[CDATA\[(.+?)\]\]>/.exec(body) ?? []
    const message: string = encryptor.decrypt(encrypted, query.msg_signature, query.nonce, query.timestamp)
    const past = createPushReader({
      token,
      encodingAesKey,
      appid,
      clock: () => new Date(Number(query.timestamp) * 1000),
    })
    const read = past.read({ query, body })
    if (read.kind !== 'other') throw new Error('expected a message')
    for (const value of Object.values(read.fields)) expect(message).toContain(String(value))
    expect(read.fields).toMatchObject({ MsgType: 'text', Content: 'hello' })
  })
})
