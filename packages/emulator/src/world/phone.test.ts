import { describe, expect, it } from 'vitest'
import { parsePhone, toE164, toPhoneInfo } from './phone.js'

describe('a phone number', () => {
  it.each([
    ['13800000000', undefined, '86', '13800000000'],
    ['138 0000-0000', undefined, '86', '13800000000'],
    ['+8613800000000', undefined, '86', '13800000000'],
    ['+14155550100', undefined, '1', '4155550100'],
    ['+79161234567', undefined, '7', '9161234567'],
    ['+447700900123', undefined, '44', '7700900123'],
    ['+85291234567', undefined, '852', '91234567'],
    ['+3584012345678', undefined, '358', '4012345678'],
    ['4155550100', '1', '1', '4155550100'],
    ['91234567', '+852', '852', '91234567'],
    ['+85291234567', '852', '852', '91234567'],
  ])('%s with country code %s is +%s %s', (text, given, countryCode, national) => {
    expect(parsePhone(text, given)).toEqual({ countryCode, national })
    expect(toE164(parsePhone(text, given))).toBe(`+${countryCode}${national}`)
  })

  it.each([
    ['abc', undefined],
    ['', undefined],
    ['+', undefined],
    ['+0123456789', undefined],
    ['123', undefined],
    ['12345678901234', undefined],
    ['+14155550100', '44'],
    ['13800000000', '0'],
    ['13800000000', 'CN'],
  ])('%j with country code %s is refused', (text, given) => {
    expect(() => parsePhone(text, given)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
  })

  it('is told with its country code only when it is foreign', () => {
    const at = new Date(1_477_314_187_900)
    const watermark = { timestamp: 1_477_314_187, appid: 'wx1' }
    expect(toPhoneInfo(parsePhone('13580006666'), 'wx1', at)).toEqual({
      phoneNumber: '13580006666',
      purePhoneNumber: '13580006666',
      countryCode: '86',
      watermark,
    })
    expect(toPhoneInfo(parsePhone('+14155550100'), 'wx1', at)).toEqual({
      phoneNumber: '+14155550100',
      purePhoneNumber: '4155550100',
      countryCode: '1',
      watermark,
    })
  })
})
