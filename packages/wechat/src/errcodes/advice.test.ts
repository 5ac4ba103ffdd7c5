import { describe, expect, it } from 'vitest'
import { codesOfFailure, type WechatErrorCode } from '../error-codes.js'
import { type WechatError, WechatError as WechatErrorClass } from '../errors.js'
import { judgeAnswer } from '../judge.js'
import { paths } from '../paths.js'
import { adviceOf, retryRuleOf } from './advice.js'

/** The error that an answer of WeChat's becomes. */
function errorOf(path: string, errcode: number, errmsg = ''): WechatError {
  try {
    judgeAnswer(path, { status: 200, text: JSON.stringify({ errcode, errmsg }) }, [])
  } catch (error) {
    return error as WechatError
  }
  throw new Error('expected a refusal')
}

describe('adviceOf', () => {
  it.each([
    ['invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist rid: 6311b0eb-0a1b2c3d-4e5f6071', '203.0.113.9'],
    ['invalid ip 203.0.113.9, not in whitelist', '203.0.113.9'],
    ['invalid ip ::ffff:203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist', '203.0.113.9'],
    [
      'invalid ip 2001:db8:85a3:1234:5678:8a2e:370:7334 ipv6 2001:db8:85a3:1234:5678:8a2e:370:7334, not in whitelist',
      '2001:db8:85a3:1234:5678:8a2e:370:7334',
    ],
  ])('names the address to put on the allow-list: %s', (errmsg, address) => {
    const error = errorOf(paths.stableToken, 40164, errmsg)
    expect(adviceOf(error)).toContain(`the address ${address} on the IP allow-list`)
    expect(adviceOf(error, 'zh-CN')).toContain(`出口 IP ${address} 加入白名单`)
  })

  it.each([
    '',
    'not in whitelist',
    'invalid ip 999.1.2.3, not in whitelist',
  ])('tells what to do without an address in %j', errmsg => {
    const advice = adviceOf(errorOf(paths.stableToken, 40164, errmsg))
    expect(advice).toContain('the address that this server calls from')
    expect(advice).not.toContain('{')
  })

  it('speaks of the endpoint that refused', () => {
    expect(adviceOf(errorOf(paths.getPhoneNumber, 40013))).toMatch(/phone code is of another mini program/)
    expect(adviceOf(errorOf(paths.exchangeCode, 40013))).toMatch(/appid is wrong/)
  })

  it('knows something about every failure without an errcode', () => {
    for (const code of Object.keys(codesOfFailure) as WechatErrorCode[]) {
      const error = new WechatErrorClass(code, { path: paths.exchangeCode, reason: 'r' })
      expect(adviceOf(error, 'en')).toMatch(/^[A-Z].*\.$/)
      expect(adviceOf(error, 'zh-CN')).toMatch(/\p{Script=Han}.*。$/u)
    }
  })

  it('points an unknown errcode to the rid', () => {
    expect(adviceOf(errorOf(paths.exchangeCode, 99_999))).toMatch(/lookUpRid/)
  })
})

describe('retryRuleOf', () => {
  it.each([
    [errorOf(paths.exchangeCode, -1), 'retry'],
    [errorOf(paths.getPhoneNumber, 42001), 'drop_token'],
    [errorOf(paths.exchangeCode, 45011), 'next_minute'],
    [errorOf(paths.stableToken, 45009), 'tomorrow'],
    [errorOf(paths.stableToken, 40164), 'operator'],
    [errorOf(paths.exchangeCode, 40029), 'never'],
    [new WechatErrorClass('UNREACHABLE', { path: paths.exchangeCode, reason: 'r' }), 'retry'],
    [new WechatErrorClass('UNVERIFIED', { path: paths.getPhoneNumber, reason: 'r' }), 'operator'],
  ])('of %s is %s', (error, rule) => {
    expect(retryRuleOf(error)).toBe(rule)
  })
})
