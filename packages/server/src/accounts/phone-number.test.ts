import { describe, expect, it } from 'vitest'
import { createKeyring } from '../keyring.js'
import { maskedPhone, maskNationalNumber, phoneClaim } from './phone-number.js'

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

describe('maskedPhone', () => {
  const keyringOf = (byte: number) => createKeyring(Buffer.alloc(32, byte))
  const sealedBy = (keyring: ReturnType<typeof createKeyring>, nationalNumber: string) =>
    phoneClaim(keyring, { e164: `+86${nationalNumber}`, countryCode: '86', nationalNumber }).sealed ?? ''

  it('shows each phone as itself, also when it is shown again', () => {
    const keyring = keyringOf(1)
    const [one, other] = [sealedBy(keyring, '13800001234'), sealedBy(keyring, '13900005678')]
    for (let i = 0; i < 2; i++) {
      expect(maskedPhone(keyring, one)).toBe('138******34')
      expect(maskedPhone(keyring, other)).toBe('139******78')
    }
  })

  it('shows none to who has another secret, whoever has seen it', () => {
    const sealed = sealedBy(keyringOf(1), '13800001234')
    expect(maskedPhone(keyringOf(1), sealed)).toBe('138******34')
    expect(() => maskedPhone(keyringOf(2), sealed)).toThrow(/MPLOGIN_SECRET/)
  })
})
