import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { decryptData, decryptPhoneNumber } from './decrypt.js'
import { isWechatError } from './errors.js'

// The sample of WeChat's documentation, and a phone-shaped text under the same key and iv.
const appid = 'wx4f4bc4dec97d474b'
const sessionKey = 'tiihtNczf5v6AKRyjwEUhQ=='
const iv = 'r7BXXKkLb8qrSNn05n0qiA=='
const officialData =
  'CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew=='
const phoneData =
  'xT8p8W6jIVdEWQ+ccHuD2bmG5RSiwg14VWRFw/UGVh6Aj+jDIadafJ4xdCIBQ/uxDiyw/MZWvpFyRn3pP3xxVfNQxFtzghvK+Pj5JQI7x412Zc+UKBdZyt5yiQboroSxabTum1k4MMOlnoCxhJ46cxPDT2EuLbNUf2McwNtGO0/9E+Xj/ZwENw48ucueL3UqNoKpXxFYvqH6eawrR2MXnA=='
const official = { sessionKey, encryptedData: officialData, iv, appid }
const phone = { sessionKey, encryptedData: phoneData, iv, appid }

function encrypt(plain: string | Buffer): string {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKey, 'base64'), Buffer.from(iv, 'base64'))
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64')
}

function failureOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return isWechatError(error) ? error.code : `not ours: ${error}`
  }
}

function withFlippedByte(base64: string, index: number): string {
  const bytes = Buffer.from(base64, 'base64')
  bytes.writeUInt8(bytes.readUInt8(index) ^ 0x01, index)
  return bytes.toString('base64')
}

describe('decryptData', () => {
  it('opens the sample of the WeChat documentation', () => {
    expect(decryptData(official)).toEqual({
      openId: 'oGZUI0egBJY1zhBYw2KhdUfwVJJE',
      nickName: 'Band',
      gender: 1,
      language: 'zh_CN',
      city: 'Guangzhou',
      province: 'Guangdong',
      country: 'CN',
      avatarUrl:
        'http://wx.qlogo.cn/mmopen/vi_32/aSKcBBPpibyKNicHNTMM0qJVh8Kjgiak2AHWr8MHM4WgMEm7GFhsf8OYrySdbvAMvTsw3mo8ibKicsnfN5pRjl1p8HQ/0',
      unionId: 'ocMvos6NjeKLIBqg5Mr9QjxrP1FA',
      watermark: { timestamp: 1477314187, appid },
    })
  })

  it('refuses data made for another app', () => {
    expect(failureOf(() => decryptData({ ...official, appid: 'wx0000000000000000' }))).toBe('WATERMARK_MISMATCH')
  })

  it('refuses another session key', () => {
    expect(failureOf(() => decryptData({ ...official, sessionKey: 'HyVFkGl5F5OQWJZZaNzBBg==' }))).toBe(
      'DECRYPTION_FAILED',
    )
  })

  it.each([
    ['a session key of 15 bytes', { sessionKey: Buffer.alloc(15).toString('base64') }],
    ['a session key that is not base64', { sessionKey: 'not base64!' }],
    ['an iv of 12 bytes', { iv: Buffer.alloc(12).toString('base64') }],
    ['data of 17 bytes', { encryptedData: Buffer.alloc(17).toString('base64') }],
    ['data whose + became spaces', { encryptedData: officialData.replaceAll('+', ' ') }],
    [
      'data cut off at a block',
      { encryptedData: Buffer.from(officialData, 'base64').subarray(0, 128).toString('base64') },
    ],
    ['text that is not JSON', { encryptedData: encrypt('hello') }],
    ['bytes that are not UTF-8', { encryptedData: encrypt(Buffer.from([0x22, 0xff, 0x22])) }],
    ['JSON that is not an object', { encryptedData: encrypt('[1]') }],
    ['an object without watermark', { encryptedData: encrypt('{"phoneNumber":"13800000000"}') }],
    ['a watermark without appid', { encryptedData: encrypt('{"watermark":{"timestamp":1}}') }],
  ])('refuses %s', (_name, change) => {
    expect(failureOf(() => decryptData({ ...official, ...change }))).toBe('DECRYPTION_FAILED')
  })

  it('says so when a + became a space on the way', () => {
    expect(() => decryptData({ ...official, encryptedData: officialData.replaceAll('+', ' ') })).toThrow(
      /became a space/,
    )
  })

  it('treats an empty or missing field as the mistake of its caller', () => {
    expect(() => decryptData({ ...official, iv: '' })).toThrow(TypeError)
    expect(() => decryptData({ ...official, sessionKey: undefined as never })).toThrow(
      new TypeError('sessionKey: expected a non-empty string'),
    )
  })
})

describe('decryptPhoneNumber', () => {
  it('gives the number in E.164, in parts, and the time of the tap', () => {
    expect(decryptPhoneNumber(phone)).toEqual({
      e164: '+8613580006666',
      countryCode: '86',
      nationalNumber: '13580006666',
      tappedAt: new Date(1477314187 * 1000),
    })
  })

  it('notices each single changed byte of the data', () => {
    const unnoticed: number[] = []
    for (let index = 0; index < Buffer.from(phoneData, 'base64').length; index += 1) {
      const failure = failureOf(() =>
        decryptPhoneNumber({ ...phone, encryptedData: withFlippedByte(phoneData, index) }),
      )
      if (failure !== 'DECRYPTION_FAILED' && failure !== 'WATERMARK_MISMATCH') unnoticed.push(index)
    }
    expect(unnoticed).toEqual([])
  })

  it('notices each single changed byte of the iv', () => {
    for (let index = 0; index < 16; index += 1) {
      expect(failureOf(() => decryptPhoneNumber({ ...phone, iv: withFlippedByte(iv, index) }))).toBe(
        'DECRYPTION_FAILED',
      )
    }
  })

  it('refuses what is not a phone number, also when it decrypts', () => {
    expect(failureOf(() => decryptPhoneNumber(official))).toBe('DECRYPTION_FAILED')
  })
})
