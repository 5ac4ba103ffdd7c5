import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createKeyring } from './keyring.js'

const keyring = createKeyring(randomBytes(32))

describe('createKeyring', () => {
  it('refuses a secret of another length', () => {
    expect(() => createKeyring(randomBytes(31))).toThrow(TypeError)
  })
  it('unseals what it sealed, each time differently sealed', () => {
    expect(keyring.unseal('phone-text', keyring.seal('phone-text', '86 13800000000'))).toBe('86 13800000000')
    expect(keyring.seal('phone-text', 'x')).not.toBe(keyring.seal('phone-text', 'x'))
  })
  it('does not unseal another purpose, another secret, a changed or a cut text', () => {
    const sealed = keyring.seal('conflict-ticket', 'text')
    expect(keyring.unseal('phone-text', sealed)).toBeUndefined()
    expect(createKeyring(randomBytes(32)).unseal('conflict-ticket', sealed)).toBeUndefined()
    for (let i = 3; i < sealed.length - 1; i++) {
      const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1)
      expect(keyring.unseal('conflict-ticket', changed)).toBeUndefined()
    }
    for (const cut of ['', 'v1.', 'v1..', sealed.slice(0, 20), `${sealed}=`, sealed.replace('v1', 'v2')]) {
      expect(keyring.unseal('conflict-ticket', cut)).toBeUndefined()
    }
  })
  it('opens one spelling of a sealed text only', () => {
    // 29 bytes in 39 characters: the last one has two spare bits.
    const sealed = keyring.seal('conflict-ticket', 'x')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const spelled = alphabet[alphabet.indexOf(sealed.at(-1) ?? '') + 1]
    const other = `${sealed.slice(0, -1)}${spelled}`
    const bytes = (text: string) => Buffer.from(text.split('.')[2] ?? '', 'base64url')
    expect(bytes(other)).toEqual(bytes(sealed))
    expect(keyring.unseal('conflict-ticket', other)).toBeUndefined()
    expect(keyring.unseal('conflict-ticket', sealed)).toBe('x')
  })
  it('accepts what former secrets made, and makes new things under the current one', () => {
    const [next, old] = [randomBytes(32), randomBytes(32)]
    const before = createKeyring(old)
    const during = createKeyring([next, old])
    const after = createKeyring(next)
    const sealed = before.seal('phone-text', 'text')
    expect(during.unseal('phone-text', sealed)).toBe('text')
    expect(after.unseal('phone-text', sealed)).toBeUndefined()
    expect(during.matches('refresh-token', 'x', before.hash('refresh-token', 'x'))).toBe(true)
    expect(during.hashes('phone-hash', 'x')).toEqual([after.hash('phone-hash', 'x'), before.hash('phone-hash', 'x')])
    expect(after.unseal('phone-text', during.seal('phone-text', 'text'))).toBe('text')

    expect(during.use(before.currentId())).toBe(true)
    expect(before.unseal('phone-text', during.seal('phone-text', 'text'))).toBe('text')
    expect(during.hashes('phone-hash', 'x')).toEqual([before.hash('phone-hash', 'x'), after.hash('phone-hash', 'x')])
    expect(during.use('another')).toBe(false)
    expect(during.currentId()).toBe(before.currentId())
  })
  it('hashes the same text to the same 43 characters, differently for each purpose', () => {
    expect(keyring.hash('phone-hash', '+8613800000000')).toBe(keyring.hash('phone-hash', '+8613800000000'))
    expect(keyring.hash('phone-hash', 'x')).toHaveLength(43)
    expect(keyring.hash('phone-hash', 'x')).not.toBe(keyring.hash('idempotency', 'x'))
    expect(keyring.matches('refresh-token', 'x', keyring.hash('refresh-token', 'x'))).toBe(true)
    expect(keyring.matches('refresh-token', 'x', keyring.hash('refresh-token', 'y'))).toBe(false)
  })
})
