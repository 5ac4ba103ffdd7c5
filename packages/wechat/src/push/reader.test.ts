import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPushSide, toXml } from '../../../../test/support/wechat-push-side.js'
import { bizMsgSample, pushSample as sample } from '../../../../test/support/wechat-samples.js'
import { isWechatError } from '../errors.js'
import { createPushReader, type PushQuery, type PushReaderOptions } from './reader.js'

const side = createPushSide(sample)
const { token, encodingAesKey, appid } = sample
const safe = { token, encodingAesKey, appid }
const plain = { token, appid }
const atSeconds = (seconds: number | string) => () => new Date(Number(seconds) * 1000)

function failureOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    if (!isWechatError(error)) return `not ours: ${error}`
    expect(error.path).toBe('push')
    return error.code
  }
}

const stamp = { timestamp: '1714112445', nonce: '415670741' }

function read(options: PushReaderOptions, query: PushQuery, body: string | Uint8Array) {
  return createPushReader({ clock: atSeconds(stamp.timestamp), ...options }).read({ query, body })
}

/** A push as WeChat sends it in its safe mode. */
function pushed(message: string, { encrypt = side.encrypt(message), format = 'json' } = {}) {
  const query = { ...stamp, encrypt_type: 'aes', msg_signature: side.sign(stamp.timestamp, stamp.nonce, encrypt) }
  const outer = { ToUserName: 'gh_97417a04a28d', Encrypt: encrypt }
  return { query, body: format === 'json' ? JSON.stringify(outer) : toXml(outer) }
}

const revoke = {
  ToUserName: 'gh_870882ca4b1',
  FromUserName: 'owAqB1v0ahK_Xlc7GshIDdf2yf7E',
  CreateTime: 1714112440,
  MsgType: 'event',
  Event: 'user_authorization_revoke',
  OpenID: 'owAqB1nqaOYYWl0Ng484G2z5NIwU',
  AppID: appid,
  RevokeInfo: '8',
}

describe('the samples of WeChat’s documentation', () => {
  it('the check of an address is answered with its echostr', () => {
    const { verification } = sample
    for (const options of [plain, safe]) {
      const reader = createPushReader({ ...options, clock: atSeconds(verification.timestamp) })
      expect(reader.answerVerification(verification)).toBe('4375120948345356249')
    }
  })

  it('a plain push is read', () => {
    const { query, body } = sample.plain
    const reader = createPushReader({ ...plain, clock: atSeconds(query.timestamp) })
    expect(reader.read({ query, body })).toMatchObject({
      kind: 'other',
      msgType: 'event',
      event: 'debug_demo',
      fields: { debug_str: 'hello world' },
    })
  })

  it('an encrypted push is verified and opened', () => {
    const { query, encrypt, message } = sample.encrypted
    const event = read(safe, query, JSON.stringify({ ToUserName: 'gh_97417a04a28d', Encrypt: encrypt }))
    expect(event).toEqual({ kind: 'other', msgType: 'event', event: 'debug_demo', fields: JSON.parse(message) })
  })

  it('the encrypted answer has our signature and our plain text', () => {
    const { encrypt, message, timestamp, nonce, signature } = sample.answer
    const event = createPushReader({ ...safe, clock: atSeconds(timestamp) }).read({
      query: { timestamp, nonce, msg_signature: signature },
      body: JSON.stringify({ Encrypt: encrypt }),
    })
    expect(event).toMatchObject({ kind: 'other', fields: JSON.parse(message) })
    expect(side.encrypt(message, Buffer.from('707722b803182950'))).toBe(encrypt)
  })

  it('the demo of WXBizMsgCrypt is opened, from XML', () => {
    const { query, body, ...options } = bizMsgSample
    const event = createPushReader({ ...options, clock: atSeconds(query.timestamp) }).read({ query, body })
    expect(event).toMatchObject({
      kind: 'other',
      msgType: 'text',
      fields: { Content: 'hello', ToUserName: options.appid },
    })
  })
})

describe('events', () => {
  const expected = {
    kind: 'user_authorization_revoke',
    openid: revoke.OpenID,
    appid,
    createdAt: new Date(1714112440_000),
    revoked: ['phone'],
    revokeInfo: '8',
  }

  it.each([
    ['JSON', JSON.stringify(revoke), 'json'],
    ['XML', toXml(revoke), 'xml'],
    ['JSON around XML', toXml(revoke), 'json'],
  ])('are typed, from %s, in the safe mode and in the plain one', (_name, message, format) => {
    const { query, body } = pushed(message, { format })
    expect(read(safe, query, body)).toMatchObject(expected)
    expect(read(safe, query, Buffer.from(body))).toMatchObject(expected)
    const signature = side.sign(stamp.timestamp, stamp.nonce)
    expect(read(plain, { ...stamp, signature }, message)).toMatchObject(expected)
  })

  it('have a unionid and a plugin when WeChat tells them, and not otherwise', () => {
    const bare = read(safe, ...argumentsOf(revoke))
    for (const name of ['unionid', 'plugin']) expect(bare).not.toHaveProperty(name)
    expect(
      read(safe, ...argumentsOf({ ...revoke, UnionID: 'oTmH', PluginID: 'wxplugin', OpenPID: 'GACo' })),
    ).toMatchObject({ unionid: 'oTmH', plugin: { appid: 'wxplugin', openpid: 'GACo' } })
    expect(read(safe, ...argumentsOf({ ...revoke, UnionID: '' }))).not.toHaveProperty('unionid')
  })

  it.each(['user_authorization_cancellation', 'user_info_modified'])('%s is typed', event => {
    const { RevokeInfo: _, ...rest } = revoke
    expect(read(safe, ...argumentsOf({ ...rest, MsgType: 'Event', Event: event }))).toEqual({
      kind: event,
      openid: revoke.OpenID,
      appid,
      createdAt: new Date(1714112440_000),
      dedupKey: expect.any(String),
    })
  })

  it.each([
    ['1', ['license_plate']],
    ['6', ['nickname_and_avatar']],
    ['20', ['avatar']],
    ['6,8', ['nickname_and_avatar', 'phone']],
    ['99', ['unknown']],
    ['', ['unknown']],
  ])('RevokeInfo %j is %j', (RevokeInfo, revoked) => {
    expect(read(safe, ...argumentsOf({ ...revoke, RevokeInfo }))).toMatchObject({ revoked })
  })

  it('have one key however often they are pushed, and another when they are another', () => {
    const keyOf = (change: object) => {
      const event = read(safe, ...argumentsOf({ ...revoke, ...change }))
      return event.kind === 'other' ? undefined : event.dedupKey
    }
    expect(keyOf({})).toBe(keyOf({ ToUserName: 'another' }))
    const keys = [{}, { OpenID: 'o2' }, { CreateTime: 1 }, { RevokeInfo: '6' }, { Event: 'user_info_modified' }].map(
      keyOf,
    )
    expect(new Set(keys).size).toBe(keys.length)
  })

  it.each([
    ['OpenID', ''],
    ['AppID', ''],
    ['CreateTime', 'today'],
    ['CreateTime', ''],
  ])('that are known but have no %s (%j) are unreadable', (name, value) => {
    expect(failureOf(() => read(safe, ...argumentsOf({ ...revoke, [name]: value })))).toBe('UNREADABLE')
  })

  it('about another app are not believed', () => {
    const body = JSON.stringify({ ...revoke, AppID: 'wx0000000000000000' })
    const query = { ...stamp, signature: side.sign(stamp.timestamp, stamp.nonce) }
    expect(failureOf(() => read(plain, query, body))).toBe('UNVERIFIED')
  })

  it('of every other kind are handed on', () => {
    expect(read(safe, ...argumentsOf({ MsgType: 'text', Content: 'hi' }))).toEqual({
      kind: 'other',
      msgType: 'text',
      fields: { MsgType: 'text', Content: 'hi' },
    })
    expect(read(safe, ...argumentsOf({ action: 'CheckContainerPath' }))).toMatchObject({ kind: 'other', msgType: '' })
  })

  function argumentsOf(message: object): [PushQuery, string] {
    const { query, body } = pushed(JSON.stringify(message))
    return [query, body]
  }
})

describe('a push that is not WeChat’s', () => {
  const { query, body } = pushed(JSON.stringify(revoke))

  it.each([
    'timestamp',
    'nonce',
    'msg_signature',
  ] as const)('is refused when its %s is changed, missing or twice', name => {
    const changed = query[name].replace(/\d/, digit => (digit === '1' ? '2' : '1'))
    for (const value of [changed, undefined, '', [query[name], query[name]], 5])
      expect(
        failureOf(() => read(safe, { ...query, [name]: value }, body)),
        String(value),
      ).toBe('UNVERIFIED')
  })

  it('is refused when its encrypted text is changed, whatever stands beside it', () => {
    const encrypt = side.encrypt(JSON.stringify({ ...revoke, OpenID: 'oVictim' }))
    expect(failureOf(() => read(safe, query, JSON.stringify({ Encrypt: encrypt })))).toBe('UNVERIFIED')
    expect(read(safe, query, JSON.stringify({ ...JSON.parse(body), ...revoke, OpenID: 'oVictim' }))).toMatchObject({
      openid: revoke.OpenID,
    })
  })

  it('is refused when it bears the signature of the plain mode, or comes in clear, although there is a key', () => {
    const signature = side.sign(stamp.timestamp, stamp.nonce)
    expect(failureOf(() => read(safe, { ...stamp, signature, msg_signature: signature }, body))).toBe('UNVERIFIED')
    expect(failureOf(() => read(safe, { ...stamp, signature }, JSON.stringify(revoke)))).toBe('UNVERIFIED')
  })

  it('is refused with another token', () => {
    expect(failureOf(() => read({ ...safe, token: 'BBBBB' }, query, body))).toBe('UNVERIFIED')
  })

  it.each([
    [300, 'none'],
    [-300, 'none'],
    [301, 'UNVERIFIED'],
    [-301, 'UNVERIFIED'],
  ])('or was played again: a clock %i s off gives %s', (seconds, outcome) => {
    const clock = atSeconds(Number(stamp.timestamp) + seconds)
    expect(failureOf(() => read({ ...safe, clock }, query, body))).toBe(outcome)
    const signature = side.sign(stamp.timestamp, stamp.nonce)
    expect(failureOf(() => read({ ...plain, clock }, { ...stamp, signature }, JSON.stringify(revoke)))).toBe(outcome)
    const reader = createPushReader({ ...plain, clock })
    expect(failureOf(() => reader.answerVerification({ ...stamp, signature, echostr: '1' }))).toBe(outcome)
  })

  it('is told by any changed byte of any part of it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('timestamp', 'nonce', 'msg_signature', 'encrypt'),
        fc.nat(),
        fc.integer({ min: 33, max: 126 }),
        (part, position, code) => {
          const encrypt = JSON.parse(body).Encrypt as string
          const parts: Record<string, string> = { ...query, encrypt }
          const original = parts[part] ?? ''
          const at = position % original.length
          const changed = original.slice(0, at) + String.fromCharCode(code) + original.slice(at + 1)
          if (changed === original) return
          const { encrypt: sent, ...sentQuery } = { ...parts, [part]: changed }
          expect(failureOf(() => read(safe, sentQuery, JSON.stringify({ Encrypt: sent })))).toBe('UNVERIFIED')
        },
      ),
    )
  })
})

describe('a push that is signed but malformed', () => {
  const sealedRaw = (full: Buffer) => pushed('', { encrypt: side.encryptRaw(full) })
  const length = (count: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(count)
    return bytes
  }

  it.each([
    [
      'another key',
      pushed('', { encrypt: createPushSide({ ...sample, encodingAesKey: 'B'.repeat(43) }).encrypt('{}') }),
    ],
    ['no base64', pushed('', { encrypt: '!!!' })],
    ['half a block', pushed('', { encrypt: Buffer.alloc(24).toString('base64') })],
    ['an empty text', pushed('', { encrypt: '' })],
    ['a padding of 0', pushed('', { encrypt: side.encryptBlocks(Buffer.alloc(32)) })],
    ['a padding that is not uniform', pushed('', { encrypt: side.encryptBlocks(Buffer.alloc(32, 3).fill(9, 0, 30)) })],
    ['less than its head', sealedRaw(Buffer.alloc(10))],
    ['a length beyond its end', sealedRaw(Buffer.concat([Buffer.alloc(16), length(1000), Buffer.from(`{}${appid}`)]))],
    ['a negative length', sealedRaw(Buffer.concat([Buffer.alloc(16), length(0xffffffff), Buffer.from(`{}${appid}`)]))],
    [
      'bytes that are no UTF-8',
      sealedRaw(Buffer.concat([Buffer.alloc(16), length(1), Buffer.from([0xff]), Buffer.from(appid)])),
    ],
  ])('with %s is DECRYPTION_FAILED', (_name, { query, body }) => {
    expect(failureOf(() => read(safe, query, body))).toBe('DECRYPTION_FAILED')
  })

  it('with a padding that is right at its end only is DECRYPTION_FAILED', () => {
    const full = Buffer.concat([Buffer.alloc(16), length(2), Buffer.from(`{}${appid}`)])
    const count = 32 - (full.length % 32)
    const padding = Buffer.alloc(count, count)
    const good = pushed('', { encrypt: side.encryptBlocks(Buffer.concat([full, padding])) })
    expect(failureOf(() => read(safe, good.query, good.body))).toBe('none')
    padding[0] = 0
    const bad = pushed('', { encrypt: side.encryptBlocks(Buffer.concat([full, padding])) })
    expect(failureOf(() => read(safe, bad.query, bad.body))).toBe('DECRYPTION_FAILED')
  })

  it('for another app is WATERMARK_MISMATCH, its appid longer, shorter or another', () => {
    for (const to of ['wx0000000000000000', `${appid}x`, appid.slice(0, -1), '']) {
      const { query, body } = pushed('', { encrypt: side.encrypt(JSON.stringify(revoke), undefined, to) })
      expect(failureOf(() => read(safe, query, body))).toBe('WATERMARK_MISMATCH')
    }
  })

  it('encrypted, where there is no key, says so', () => {
    const { body } = pushed(JSON.stringify(revoke))
    const query = { ...stamp, signature: side.sign(stamp.timestamp, stamp.nonce) }
    expect(failureOf(() => read(plain, query, body))).toBe('DECRYPTION_FAILED')
    // The compatible mode sends both; without a key the plain part is read.
    const compatible = JSON.stringify({ ...revoke, ...JSON.parse(body) })
    expect(read(plain, query, compatible)).toMatchObject({ kind: 'user_authorization_revoke' })
  })

  it.each(['', 'hello', '[1]', '<xml>', '<xml>text</xml>', 'null'])('whose body is %j is unreadable', body => {
    const query = { ...stamp, signature: side.sign(stamp.timestamp, stamp.nonce) }
    expect(failureOf(() => read(plain, query, body))).toBe('UNREADABLE')
  })

  it('that is too long or no UTF-8 is unreadable', () => {
    const query = { ...stamp, signature: side.sign(stamp.timestamp, stamp.nonce) }
    expect(failureOf(() => read(plain, query, JSON.stringify({ a: 'x'.repeat(256 * 1024) })))).toBe('UNREADABLE')
    expect(failureOf(() => read(plain, query, Buffer.from([0x7b, 0xff, 0x7d])))).toBe('UNREADABLE')
  })

  it('of another format than was agreed is unreadable', () => {
    const query = { ...stamp, signature: side.sign(stamp.timestamp, stamp.nonce) }
    expect(failureOf(() => read({ ...plain, format: 'xml' }, query, JSON.stringify(revoke)))).toBe('UNREADABLE')
    expect(failureOf(() => read({ ...plain, format: 'json' }, query, toXml(revoke)))).toBe('UNREADABLE')
    expect(read({ ...plain, format: 'xml' }, query, toXml(revoke))).toMatchObject({ openid: revoke.OpenID })
  })
})

describe('the check of an address', () => {
  const signature = side.sign(stamp.timestamp, stamp.nonce)
  const answer = (query: PushQuery) =>
    createPushReader({ ...safe, clock: atSeconds(stamp.timestamp) }).answerVerification(query)

  it('is not answered when the signature is wrong or missing', () => {
    for (const wrong of [signature.toUpperCase(), signature.slice(1), '', undefined, [signature]])
      expect(failureOf(() => answer({ ...stamp, signature: wrong, echostr: '1' }))).toBe('UNVERIFIED')
  })

  it('is not answered with what could be a page', () => {
    for (const echostr of ['<script>alert(1)</script>', '', undefined, ['1', '2'], 'a b', '1'.repeat(1025)])
      expect(failureOf(() => answer({ ...stamp, signature, echostr }))).toBe('UNVERIFIED')
    expect(answer({ ...stamp, signature, echostr: '4375120948345356249' })).toBe('4375120948345356249')
  })
})

describe('createPushReader', () => {
  it.each([
    ['token', { token: '' }],
    ['appid', { appid: undefined }],
    ['encodingAesKey', { encodingAesKey: 'A'.repeat(42) }],
    ['encodingAesKey', { encodingAesKey: `${'A'.repeat(42)}!` }],
    ['encodingAesKey', { encodingAesKey: '' }],
    ['format', { format: 'yaml' }],
    ['maxAgeSeconds', { maxAgeSeconds: 0 }],
  ])('names %s when it is wrong', (name, change) => {
    expect(() => createPushReader({ ...safe, ...change } as PushReaderOptions)).toThrow(
      new RegExp(`^${name}: expected `),
    )
  })

  it('tells neither token, key nor message in its errors', () => {
    const { query, body } = pushed(JSON.stringify({ ...revoke, CreateTime: 'never' }))
    for (const work of [
      () => read(safe, query, body),
      () => read(safe, { ...query, msg_signature: 'x' }, body),
      () => read({ ...safe, encodingAesKey: 'C'.repeat(43) }, query, body),
      () =>
        read(plain, { ...stamp, signature: side.sign(stamp.timestamp, stamp.nonce) }, `<xml><a>${revoke.OpenID}</xml>`),
    ]) {
      try {
        work()
        expect.unreachable()
      } catch (error) {
        const printed = `${error} ${JSON.stringify(error)} ${(error as Error).stack} ${(error as Error).cause}`
        for (const secret of [token, encodingAesKey, revoke.OpenID, query.msg_signature])
          expect(printed).not.toContain(secret)
      }
    }
  })
})
