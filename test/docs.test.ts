import { readFileSync } from 'node:fs'
import { errorCodes, errorMessages, errorStatus } from '@mplogin/contract'
import { describe, expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

describe('docs/errors.md', () => {
  const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (.+) \| (.+) \|$/gm)]

  it('lists each code of the contract once, in its order, with its status', () => {
    expect(rows.map(([, code, status]) => [code, Number(status)])).toEqual(
      errorCodes.map(code => [code, errorStatus[code]]),
    )
  })

  it('says of each what it means and what the client does', () => {
    for (const [, code, , meaning, action] of rows) {
      expect(meaning, code).toMatch(/^[A-Z].+\.$/)
      expect(action, code).toMatch(/^[A-Z].+\.$/)
    }
  })
})

describe('the error messages', () => {
  it('are there in both languages for each code', () => {
    for (const code of errorCodes) {
      expect(errorMessages[code]['zh-CN'], code).toMatch(/\p{Script=Han}/u)
      expect(errorMessages[code].en, code).toMatch(/^[A-Z][^\p{Script=Han}]+$/u)
    }
  })
})
