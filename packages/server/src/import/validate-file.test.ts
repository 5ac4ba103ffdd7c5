import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { validateFile } from './validate-file.js'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mplogin-import-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Checks a file with this content; what it came to, the problems as texts. */
async function check(content: string | Buffer, appids = ['app']) {
  const path = join(directory, 'users.csv')
  writeFileSync(path, content)
  const checked = await validateFile(path, { columns: { appids } })
  return 'rows' in checked
    ? checked
    : { problems: checked.problems.map(({ line, message }) => `line ${line}: ${message}`) }
}
const phones = (...last: number[]) => last.map(digit => `+861381111000${digit}`)

describe('validateFile', () => {
  it.each<[string, string | Buffer]>([
    ['a BOM', `\uFEFFphone\n${phones(1).join('\n')}\n`],
    ['CRLF', `phone\r\n${phones(1).join('\r\n')}\r\n`],
    ['CR', `phone\r${phones(1).join('\r')}\r`],
    ['no line break at the end', `phone\n${phones(1)}`],
    ['quotes', `nickname,phone\n"林, ""小""",${phones(1)}\n`],
    ['other cases and blanks in the header', ` Phone ,NICKNAME\n${phones(1)}, Lin \n`],
    ['lines without content', `phone,nickname\n\n,\n${phones(1)},\n   \n\n`],
  ])('takes %s', async (_what, content) => {
    expect(await check(content)).toMatchObject({ rows: 1 })
  })

  it.each<[string, string | Buffer, string]>([
    ['an empty file', '', 'line 1: the file is empty'],
    ['blank lines only', '\n\n', 'line 1: the file is empty'],
    ['unknown columns', 'phone,mobile\n', 'line 1: unknown columns "mobile"'],
    ['a column twice', 'phone,phone\n', 'line 1: the column phone is there twice'],
    ['a row with too many cells', `phone\n${phones(1)},x\n`, 'line 2: 2 cells, where the header has 1'],
    ['GBK', Buffer.from(`nickname,phone\na,${phones(1)}\n\xc1\xd6,${phones(2)}`, 'latin1'), 'line 3: not UTF-8 (GBK?)'],
    ['a character cut at the end', Buffer.from('phone\n\xe6\x9e', 'latin1'), 'line 2: not UTF-8'],
    ['UTF-16', Buffer.from('\uFEFFphone\n1', 'utf16le'), 'line 1: not UTF-8'],
    ['a binary file', Buffer.from([0, 1, 2, 255, 254, 0]), 'line 1: not UTF-8'],
    ['a quote that is not closed', `phone\n"${phones(1)}\n`, 'line 2: a quote is not closed'],
    ['a quote within a cell', `nickname,phone\na"b,${phones(1)}\n`, 'line 2: a quote within a cell'],
    ['a line of 10 MB', `phone\n${'1'.repeat(10_000_000)}\n`, 'line 2: longer than 16384 characters'],
    ['10 MB after a quote', `phone\n"${'1\n'.repeat(5_000_000)}`, 'line 2: longer than 16384 characters'],
  ])('tells of %s, and where', async (_what, content, problem) => {
    expect(await check(content)).toEqual({ problems: [expect.stringContaining(problem)] })
  })

  it('tells every problem with the line it is in, also after blank lines and line breaks within quotes', async () => {
    const content = `nickname,phone\r\n\r\n"a\r\nb",${phones(1)}\r\n\r\nc,x\r\nd\r\n,+86138\r\n`
    expect(await check(content)).toEqual({
      problems: [
        expect.stringMatching(/^line 3: nickname/),
        expect.stringMatching(/^line 6: phone: expected digits/),
        'line 7: 1 cells, where the header has 2',
        'line 8: phone: not a number that its country has',
      ],
    })
  })

  it('finds what is there twice, far apart; one person in two apps is not', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => `u${i},,`)
    const rows = ['id0,x,a', ...many.map(line => `${line}a`).map((line, i) => line.replace(',,', `,o${i},`)), 'id1,x,a']
    expect(await check(`id,openid,appid\n${rows.join('\n')}\n`, ['a', 'b'])).toEqual({
      problems: ['line 3003: openid: the same as in line 2'],
    })
    expect(await check('openid,appid,unionid\nx,a,u\nx,b,u\n', ['a', 'b'])).toMatchObject({ rows: 2 })
    expect(await check('openid,appid,unionid\nx,a,u\ny,a,u\n', ['a', 'b'])).toEqual({
      problems: ['line 3: unionid: the same as in line 2'],
    })
  })

  it('remembers a file by its content and by what its rows mean', async () => {
    const content = 'openid\no-1\n'
    const [first, again, otherApp] = [await check(content), await check(content), await check(content, ['other'])]
    expect(again).toEqual(first)
    expect(otherApp).not.toEqual(first)
  })
})
