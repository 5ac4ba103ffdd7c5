import { readFileSync } from 'node:fs'
import { errorCodes, errorMessages, errorStatus } from '@mplogin/contract'
import { describe, expect, it } from 'vitest'
import { refusals } from '../packages/server/src/accounts/undo-merge.js'
import { columns } from '../packages/server/src/import/columns.js'
import { conflictReasons } from '../packages/server/src/import/decide-row.js'

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

describe('docs/operations.md', () => {
  const reasons = (section: string) =>
    [
      ...(
        read('docs/operations.md')
          .split(/^## /m)
          .find(text => text.startsWith(section)) ?? ''
      ).matchAll(/^\| `(\w+)` \| [A-Z]/gm),
    ].map(([, reason]) => reason)

  it('tells each reason for which an import leaves a row, and what to do about it', () => {
    const listed = reasons('Users you have already')
    expect(listed.filter(reason => !(columns as readonly string[]).includes(reason ?? ''))).toEqual(conflictReasons)
  })

  it('tells each reason for which an undo is refused', () => {
    expect(reasons('A merge that was wrong')).toEqual(Object.keys(refusals))
  })

  it('names each column that an import reads', () => {
    const [, header = ''] = /```csv\n(.+)\n/.exec(read('docs/operations.md')) ?? []
    expect(header.split(',')).toEqual(columns)
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
