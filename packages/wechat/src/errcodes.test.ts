import { describe, expect, it } from 'vitest'
import { refusalOf } from './errcodes.js'
import type { RefusalCode } from './error-codes.js'
import { paths } from './paths.js'

const everywhere: [number, RefusalCode][] = [
  [-1, 'BUSY'],
  [40001, 'TOKEN_REJECTED'],
  [40014, 'TOKEN_REJECTED'],
  [42001, 'TOKEN_REJECTED'],
  [40029, 'CODE_INVALID'],
  [40163, 'CODE_USED'],
  [40226, 'USER_BLOCKED'],
  [45009, 'QUOTA_EXCEEDED'],
  [45011, 'RATE_LIMITED'],
  [40125, 'SECRET_INVALID'],
  [40164, 'IP_NOT_ALLOWED'],
  [89503, 'IP_NOT_ALLOWED'],
  [89506, 'IP_NOT_ALLOWED'],
  [89507, 'IP_NOT_ALLOWED'],
  [40243, 'SECRET_FROZEN'],
  [48001, 'API_UNAUTHORIZED'],
  [50004, 'TOKEN_FORBIDDEN'],
  [50007, 'ACCOUNT_FROZEN'],
  [40002, 'REQUEST_INVALID'],
  [41001, 'REQUEST_INVALID'],
  [41002, 'REQUEST_INVALID'],
  [41004, 'REQUEST_INVALID'],
  [41008, 'REQUEST_INVALID'],
  [43002, 'REQUEST_INVALID'],
  [44002, 'REQUEST_INVALID'],
  [47001, 'REQUEST_INVALID'],
  [99999, 'UNKNOWN_ERRCODE'],
]

describe('refusalOf', () => {
  it.each(everywhere)('reads %i as %s at every endpoint', (errcode, code) => {
    for (const path of Object.values(paths)) expect(refusalOf(path, errcode)).toBe(code)
  })

  it('reads 40013 as another app’s code where phone codes are traded, as a wrong appid elsewhere', () => {
    expect(refusalOf(paths.getPhoneNumber, 40013)).toBe('PHONE_APP_MISMATCH')
    expect(refusalOf(paths.exchangeCode, 40013)).toBe('APPID_INVALID')
    expect(refusalOf(paths.stableToken, 40013)).toBe('APPID_INVALID')
  })

  it('reads 40003 as another user’s code where phone codes are traded, as unknown elsewhere', () => {
    expect(refusalOf(paths.getPhoneNumber, 40003)).toBe('OPENID_MISMATCH')
    expect(refusalOf(paths.exchangeCode, 40003)).toBe('UNKNOWN_ERRCODE')
  })
})
