import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { securitySample as sample } from '../../../../test/support/wechat-samples.js'
import { isWechatError } from '../errors.js'
import { openAnswer } from './answer.js'
import { additionalData, decrypt, type Envelope, encrypt } from './cipher.js'
import { parseSecurity } from './options.js'
import { isSignedBy, signBody } from './signature.js'

const key = Buffer.from(sample.symmetricKey, 'base64')
const { appid, urlpath } = sample
const security = parseSecurity({ ...sample, platformCertificates: [sample.certificate] }, 'https://api.weixin.qq.com')
if (!security) throw new Error('expected settings')

const answeredAt = new Date(sample.answer.timestamp * 1000)

function open(change: { headers?: object; body?: string; now?: Date; appid?: string; urlpath?: string } = {}): string {
  const headers: Record<string, string | undefined> = { ...sample.answer.headers, ...change.headers }
  return openAnswer(security as NonNullable<typeof security>, {
    path: '/wxa/getuserriskrank',
    appid,
    urlpath,
    text: sample.answer.body,
    now: answeredAt,
    ...change,
    header: name => headers[name],
    ...(change.body !== undefined && { text: change.body }),
  })
}

function failureOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return isWechatError(error) ? `${error.kind} ${error.code}` : `not ours: ${error}`
  }
}

describe('the request of WeChat’s documentation', () => {
  const { timestamp, plain, body, signature } = sample.request
  const aad = additionalData(urlpath, appid, timestamp, sample.symmetricKeySn)
  const envelope = JSON.parse(body) as Envelope

  it('is what its text encrypts to, byte for byte', () => {
    const made = encrypt(plain, { key, iv: Buffer.from(envelope.iv, 'base64'), aad })
    expect(JSON.stringify(made)).toBe(body)
    expect(Buffer.byteLength(body)).toBe(324)
  })

  it('decrypts to its text', () => {
    expect(decrypt(envelope, { key, aad })).toBe(plain)
  })

  it('bears a signature by its key', () => {
    const publicKey = createPublicKey(sample.privateKey)
    const signable = { urlpath, appid, timestamp, body }
    expect(isSignedBy(publicKey, signable, signature)).toBe(true)
    expect(isSignedBy(publicKey, { ...signable, body: `${body}\n` }, signature)).toBe(false)
    const ours = signBody(signable, security.privateKey)
    expect(isSignedBy(publicKey, signable, ours)).toBe(true)
    expect(signBody(signable, security.privateKey)).not.toBe(ours)
  })
})

describe('the answer of WeChat’s documentation', () => {
  it('is verified by its certificate and opened, what secured it taken out', () => {
    expect(JSON.parse(open())).toEqual({
      errcode: 0,
      errmsg: 'getuserriskrank succ',
      risk_rank: 0,
      unoin_id: 2258658297,
    })
    const { _n, _appid, _timestamp, ...fields } = JSON.parse(sample.answer.plain)
    expect(JSON.parse(open())).toEqual(fields)
  })

  it.each(
    Object.keys(sample.answer.headers).filter(name => !name.includes('deprecated')),
  )('is refused when %s is changed or missing', name => {
    const value = sample.answer.headers[name as keyof typeof sample.answer.headers]
    const changed = value.replace(/\w/, char => (char === '1' ? '2' : '1'))
    expect(failureOf(() => open({ headers: { [name]: changed } }))).toBe('unverified UNVERIFIED')
    expect(failureOf(() => open({ headers: { [name]: undefined } }))).toBe('unverified UNVERIFIED')
  })

  it('is refused when any character of its body is changed', () => {
    const { body } = sample.answer
    const unnoticed = [...body].flatMap((char, index) => {
      const changed = body.slice(0, index) + (char === 'A' ? 'B' : 'A') + body.slice(index + 1)
      return failureOf(() => open({ body: changed })) === 'unverified UNVERIFIED' ? [] : [index]
    })
    expect(unnoticed).toEqual([])
  })

  it('is refused as the answer of another app or address', () => {
    expect(failureOf(() => open({ appid: 'wx0000000000000000' }))).toBe('unverified UNVERIFIED')
    expect(failureOf(() => open({ urlpath: `${urlpath}/` }))).toBe('unverified UNVERIFIED')
  })

  it.each([
    [300, 'none'],
    [-300, 'none'],
    [301, 'unverified UNVERIFIED'],
    [-301, 'unverified UNVERIFIED'],
  ])('is taken by a clock that is %i s off: %s', (seconds, outcome) => {
    const now = new Date(answeredAt.getTime() + seconds * 1000)
    expect(failureOf(() => open({ now }))).toBe(outcome)
  })

  it('is refused when only its other certificate, which we do not have, signed it', () => {
    const headers = { 'wechatmp-serial': 'unknown', 'wechatmp-signature': 'AAAA' }
    expect(failureOf(() => open({ headers }))).toBe('unverified UNVERIFIED')
  })
})
