import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Emulator, endpointPaths, startEmulator } from '@mplogin/emulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(new URL('../docs/emulator.md', import.meta.url), 'utf8')
const readme = readFileSync(new URL('../packages/emulator/README.md', import.meta.url), 'utf8')
const blocks = (text: string, language: string) =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, of]) => of === language).map(([, , code = '']) => code)

let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())

describe('docs/emulator.md', () => {
  it('names each control route once, and no other', async () => {
    const answer = (await (await fetch(`${emulator.url}/_emulator`)).json()) as { routes: string[] }
    const routes = answer.routes
      .map(route => route.replace('/_emulator', '').replace(/ $/, ' /'))
      .filter(route => !/^(HEAD|OPTIONS) /.test(route))
    const listed = [...page.matchAll(/^\| `([A-Z]+ \/[^`]*)` \|/gm)].map(([, route]) => route)
    expect([...listed].sort()).toEqual([...new Set(routes)].sort())
  })

  it('names each endpoint with its method', () => {
    const section = page.split('## Every endpoint')[1]?.split('| behaviour |')[0] ?? ''
    const listed = [...section.matchAll(/`(GET|POST) (\/[^`]+)`/g)].map(([, , path]) => path)
    expect([...listed].sort()).toEqual([...endpointPaths].sort())
  })

  it('names each setting and each field of a fault', () => {
    for (const name of Object.keys(emulator.settings())) expect(page, name).toContain(`\`${name}\``)
    const fields = [...page.matchAll(/^\| `(\w+)` \| .+ \| .+ \|$/gm)].map(([, field]) => field)
    expect(fields).toEqual([
      'errcode',
      'status',
      'body',
      'html',
      'reset',
      'effect',
      'wrong',
      'half',
      'trickleMs',
      'delayMs',
    ])
  })

  it('says of every behaviour how sure it is, and whose word it is', () => {
    const tables = [
      ...page.matchAll(/^\| behaviour \| confidence \| whose word \|\n\|---\|---\|---\|\n((?:\|.+\n)+)/gm),
    ]
    const rows = tables.flatMap(([, text = '']) => text.trimEnd().split('\n'))
    expect(rows.length).toBeGreaterThan(80)
    for (const row of rows) {
      const [, behaviour, confidence = '', word = ''] = row.split(/(?<!\\) ?\| ?/)
      expect(behaviour, row).toMatch(/\S/)
      // What is said of ourselves has no mark.
      if (confidence === '' && word === '') continue
      expect(confidence, row).toMatch(/^[ABC?]( \/ [ABC?])?$/)
      expect(word, row).toMatch(/documented|observed|our (choice|reading)|Chromium/)
    }
  })

  it('leads to its own sections', () => {
    const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(' ', '-'))
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor)
    expect(links).toEqual(anchors)
  })

  it('has a walk with curl that works as it stands', async () => {
    const walk = blocks(page, 'sh').find(block => block.includes('json()')) ?? ''
    const { stdout } = await run('bash', ['-euc', walk.replace('http://127.0.0.1:3001', emulator.url)])
    const answers = stdout
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
    expect(answers).toMatchObject([
      { id: 'lin', phone: '+8613800001234', phones: ['+8613800001234', '+14155550142'] },
      { code: expect.stringMatching(/^0\w{31}$/) },
      { code: expect.any(String), encryptedData: expect.any(String), iv: expect.any(String) },
      { error: 'PHONE_REFUSED', errMsg: 'getPhoneNumber:fail user deny' },
      { id: expect.any(String), chance: 0.2, left: null },
      { left: 3, half: true },
      [{ path: '/sns/jscode2session' }, { path: '/cgi-bin/stable_token' }],
      {},
      {},
      { sessionKeyRotateAlways: true },
      { now: expect.any(String) },
      { phoneCallsBilled: 1, yuan: 0.03 },
      {},
    ])
  })
})

describe.each([
  ['docs/emulator.md', page, 2],
  ['packages/emulator/README.md', readme, 1],
])('the examples of %s', (_page, text, count) => {
  it('run as they stand, with the packages as they were built', async () => {
    const examples = blocks(text, 'js')
    expect(examples).toHaveLength(count)
    for (const example of examples) {
      const { stderr } = await run(process.execPath, ['--input-type=module', '-e', example], { cwd: root })
      expect(stderr).toBe('')
    }
  })
})
