import { errorCodes, errorMessages } from '@mplogin/contract'
import { describe, expect, it } from 'vitest'
import { createError, type PhoneErrorCode } from './errors.js'
import { choiceText, errorText } from './texts.js'

const phoneCodes: Record<PhoneErrorCode, true> = {
  NETWORK: true,
  TIMEOUT: true,
  BAD_ANSWER: true,
  LOGIN_FAILED: true,
  USER_REFUSED: true,
  NOT_PERMITTED: true,
  QUOTA_USED_UP: true,
  PRIVACY_NOT_DECLARED: true,
  PRIVACY_REFUSED: true,
  PHONE_FAILED: true,
  STORAGE_FAILED: true,
}

describe('the texts', () => {
  it('are there in both languages for each code of the phone', () => {
    for (const code of Object.keys(phoneCodes) as PhoneErrorCode[]) {
      expect(errorText(createError(code)), code).toMatch(/^[\p{Script=Han}，]+$/u)
      expect(errorText(createError(code), 'en'), code).toMatch(/^[A-Z][^\p{Script=Han}]+$/u)
    }
  })

  it('of the server’s codes are the server’s', () => {
    for (const code of errorCodes) {
      expect(errorText(createError(code))).toBe(errorMessages[code]['zh-CN'])
      expect(errorText(createError(code), 'en')).toBe(errorMessages[code].en)
    }
  })

  it('of a server that is newer are what it sent, and of anything else that something went wrong', () => {
    expect(errorText(createError('NEWER' as never, {}, '新的错误'))).toBe('新的错误')
    for (const error of [undefined, null, 'x', new TypeError('x')]) {
      expect(errorText(error, 'en')).toBe(errorMessages.INTERNAL.en)
    }
  })

  it('explain each choice', () => {
    for (const choice of ['use_phone_account', 'use_wechat_account', 'new_account'] as const) {
      expect(choiceText(choice)).toMatch(/\p{Script=Han}/u)
      expect(choiceText(choice, 'en')).toMatch(/^[A-Z]/)
    }
  })
})
