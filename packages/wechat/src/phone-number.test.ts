import { describe, expect, it } from 'vitest'
import { parsePhoneNumber } from './phone-number.js'

const watermark = { timestamp: 1700000000, appid: 'wx1' }

describe('parsePhoneNumber', () => {
  it.each([
    ['86', '13800000000', '+8613800000000'],
    [86, '13800000000', '+8613800000000'],
    ['852', '51234567', '+85251234567'],
    ['+1', '202-555-0100', '+12025550100'],
    ['39', '0612345678', '+390612345678'],
    ['86', '12066600001', '+8612066600001'],
  ])('reads country %s and number %s as %s', (countryCode, purePhoneNumber, e164) => {
    const phone = parsePhoneNumber({ countryCode, purePhoneNumber, phoneNumber: 'not read', watermark })
    expect(phone).toMatchObject({ e164, tappedAt: new Date(1700000000_000) })
    expect(`+${phone?.countryCode}${phone?.nationalNumber}`).toBe(e164)
  })

  it.each([
    ['nothing', undefined],
    ['a text', '13800000000'],
    ['no country', { purePhoneNumber: '13800000000', watermark }],
    ['a country that starts with 0', { countryCode: '086', purePhoneNumber: '13800000000', watermark }],
    ['no number', { countryCode: '86', watermark }],
    ['letters in the number', { countryCode: '86', purePhoneNumber: '1380000000x', watermark }],
    ['a number too long', { countryCode: '86', purePhoneNumber: '13800000000000', watermark }],
    ['a number too short', { countryCode: '86', purePhoneNumber: '138', watermark }],
    ['no watermark', { countryCode: '86', purePhoneNumber: '13800000000' }],
    ['no time', { countryCode: '86', purePhoneNumber: '13800000000', watermark: { appid: 'wx1' } }],
    ['a time that is none', { countryCode: '86', purePhoneNumber: '13800000000', watermark: { timestamp: 'soon' } }],
  ])('refuses %s', (_name, info) => {
    expect(parsePhoneNumber(info)).toBeUndefined()
  })
})
