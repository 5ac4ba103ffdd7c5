import { describe, expect, it } from 'vitest'
import { maskNationalNumber } from './phone-number.js'

describe('maskNationalNumber', () => {
  it.each([
    ['13800001234', '138******34'],
    ['4155550142', '415*****42'],
    ['912345678', '91*****78'],
    ['12345', '12*45'],
    ['1234', '1234'],
    ['123', '123'],
  ])('%s is shown as %s', (digits, masked) => {
    expect(maskNationalNumber(digits)).toBe(masked)
  })
})
