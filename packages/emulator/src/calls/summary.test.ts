import { describe, expect, it } from 'vitest'
import { summarize, summarizeAnswer } from './summary.js'

describe('a summary', () => {
  const secret = 'do-not-show-this-value'

  it.each([
    ['a known field', { access_token: secret }],
    ['a field nobody knows', { acess_token: secret }],
    ['a list', { code: [secret] }],
    ['an object', { data: { secret } }],
    ['an object inside a list', { list: [{ secret }] }],
    ['a field that looks like an answer', { phone_info: { errmsg: secret } }],
    ['a number', { code: 13_800_001_234 }],
  ])('shows no secret of %s in a request', (_title, fields) => {
    const text = JSON.stringify(summarize(fields))
    expect(text).toContain('…')
    expect(text).not.toMatch(/do-not-show-this-value|13800001234/)
  })

  it('shows of an answer what helps, and no secret', () => {
    const watermark = { timestamp: 1, appid: 'wx1' }
    const phone_info = { phoneNumber: '13800001234', purePhoneNumber: '13800001234', countryCode: '86', watermark }
    expect(summarizeAnswer({ errcode: 0, errmsg: 'ok', phone_info })).toEqual({
      errcode: 0,
      errmsg: 'ok',
      phone_info: { phoneNumber: '13…34', purePhoneNumber: '13…34', countryCode: '86', watermark },
    })
    expect(summarizeAnswer({ access_token: secret, expires_in: 7200 })).toEqual({
      access_token: 'do-n…ue',
      expires_in: 7200,
    })
  })

  it('stays small however large the request was', () => {
    const fields = JSON.parse(`{"errmsg":"${'x'.repeat(500_000)}","deep":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)
    expect(JSON.stringify(summarize(fields)).length).toBeLessThan(100)
  })
})
