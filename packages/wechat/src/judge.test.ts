import { describe, expect, it } from 'vitest'
import { isWechatError, type WechatError } from './errors.js'
import { judgeAnswer } from './judge.js'

const path = '/sns/jscode2session'

function failureOf(text: string, status = 200, secrets: string[] = []): WechatError {
  try {
    judgeAnswer(path, { status, text }, secrets)
  } catch (error) {
    if (isWechatError(error)) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('judgeAnswer', () => {
  it('gives the fields of a success, with errcode 0 or without errcode', () => {
    expect(judgeAnswer(path, { status: 200, text: '{"openid":"o1"}' }, [])).toEqual({ openid: 'o1' })
    expect(judgeAnswer(path, { status: 200, text: '{"errcode":0,"errmsg":"ok"}' }, [])).toEqual({
      errcode: 0,
      errmsg: 'ok',
    })
  })

  it('reads escaped slashes as JSON does', () => {
    expect(judgeAnswer(path, { status: 200, text: '{"session_key":"\\/IkZ=="}' }, [])).toEqual({
      session_key: '/IkZ==',
    })
  })

  it.each([200, 412, 500, 502])('takes an errcode as WeChat’s refusal, whatever the HTTP status (%i)', status => {
    const failure = failureOf('{"errcode":40029,"errmsg":"invalid code"}', status)
    expect(failure).toMatchObject({
      kind: 'refused',
      code: 'CODE_INVALID',
      errcode: 40029,
      errmsg: 'invalid code',
      path,
    })
  })

  it.each([
    'invalid code, rid: 6311b0eb-0a1b2c3d-4e5f6071',
    'invalid code rid: 6311b0eb-0a1b2c3d-4e5f6071',
    'invalid code hint: [ohAeTVNre-9] rid: 6311b0eb-0a1b2c3d-4e5f6071',
  ])('finds the rid in "%s" and names it with the path in the message', errmsg => {
    const failure = failureOf(JSON.stringify({ errcode: 40029, errmsg }))
    expect(failure.rid).toBe('6311b0eb-0a1b2c3d-4e5f6071')
    expect(failure.message).toBe(`${path}: CODE_INVALID, WeChat answered 40029 ${errmsg}`)
  })

  it('keeps a long official text and the address in it whole', () => {
    const errmsg =
      'invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r rid: 6aac005a-0a1b2c3d-4e5f6071'
    expect(failureOf(JSON.stringify({ errcode: 40001, errmsg })).errmsg).toBe(errmsg)
    const ip = 'invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist rid: 6aac005a-0a1b2c3d-4e5f6071'
    expect(failureOf(JSON.stringify({ errcode: 40164, errmsg: ip })).errmsg).toBe(ip)
  })

  it('takes out of the errmsg what was sent and what looks like a code, token, openid or phone number', () => {
    const errmsg =
      'bad my-secret and a%2Fb+c for oABCDEFGHIJKLMNOPQRSTUVWXYZ0 at +8613800000000, code 0a1b2c3d4e5f60718293a4b5c6d7e8f9'
    const failure = failureOf(JSON.stringify({ errcode: 40029, errmsg }), 200, ['my-secret', 'a/b c', ''])
    expect(failure.errmsg).toBe('bad [redacted] and [redacted] for [redacted] at [redacted], code [redacted]')
  })

  it.each([
    ['an HTML page', '<html><body>502 Bad Gateway</body></html>', 502],
    ['an HTML page with status 200', '<!doctype html>', 200],
    ['half a body', '{"openid":"o1","session_k', 200],
    ['an empty body', '', 200],
    ['null', 'null', 200],
    ['a list', '[]', 200],
    ['an HTTP error whose JSON has no errcode', '{"openid":"o1"}', 500],
    ['a redirect', '{}', 302],
    ['an errcode that is no number', '{"errcode":"many"}', 200],
  ])('calls %s unreadable, and quotes nothing of it', (_name, text, status) => {
    const failure = failureOf(text, status)
    expect(failure).toMatchObject({ kind: 'unreadable', code: 'UNREADABLE', path })
    expect(failure.cause).toBeUndefined()
    if (text.length > 4) expect(failure.message).not.toContain(text)
  })
})
