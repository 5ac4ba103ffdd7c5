import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listeningUrl, type Running, startCommand } from './support/processes.js'

const run = promisify(execFile)
const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
const pages = ['README.md', 'README.zh-CN.md']
const blocks = (page: string) =>
  [...read(page).matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({ language, code }))

let directory: string
let dev: Running
let url: string
let emulatorUrl: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mplogin-readme-'))
  dev = startCommand(['dev'], { cwd: directory, env: { PORT: '0' } })
  url = await listeningUrl(dev)
  emulatorUrl = /http:\/\/\S+(?=\/_emulator\n)/.exec(dev.output())?.[0] ?? ''
})
afterAll(async () => {
  await dev.stop()
  rmSync(directory, { recursive: true, force: true })
})

describe('what a new user types', () => {
  it('the line that mplogin dev prints logs a virtual user in', async () => {
    const [line = ''] = /^ {2}(curl .+)$/m.exec(dev.output())?.slice(1) ?? []
    const { stdout } = await run('bash', ['-c', line])
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'OK',
      data: { outcome: 'created', accessToken: expect.any(String) },
    })
  })

  it.each(pages)('the walk with curl in %s works as it stands', async page => {
    const walk = blocks(page).find(block => block.code.includes('/_emulator'))?.code ?? ''
    const script = walk
      .replaceAll('http://127.0.0.1:3001', emulatorUrl)
      .replaceAll('http://127.0.0.1:3000', url)
      .replaceAll('13800008888', page === 'README.md' ? '13800008881' : '13800008882')
    const { stdout } = await run('bash', ['-euc', script])
    const answers = stdout.split(/(?<=\})\s*(?=\{"code")/).map(text => JSON.parse(text))
    expect(answers).toMatchObject([
      { code: 'OK', data: { outcome: 'created', user: { phone: null } } },
      { code: 'OK', data: { outcome: 'linked', user: { phone: expect.stringMatching(/^138\*{6}8[12]$/) } } },
      { code: 'OK', data: { user: { phoneBound: true } } },
    ])
    expect(new Set(answers.map(answer => answer.data.user.id)).size).toBe(1)
  })
})

describe('the two READMEs', () => {
  it('are equal: the same sections, code, tables and links', () => {
    const shape = (page: string) => ({
      sections: read(page).match(/^#+ /gm)?.length,
      languages: blocks(page).map(block => block.language),
      // Comments differ by language, the commands do not.
      code: blocks(page).map(block => block.code.replace(/(#|\/\/) .*$/gm, '').replace(/ +$/gm, '')),
      rows: read(page).match(/^\|/gm)?.length,
      links: [...read(page).matchAll(/\]\((?!README|docs\/images)([^)]+)\)/g)].map(([, link]) => link),
    })
    expect(shape('README.zh-CN.md')).toEqual(shape('README.md'))
  })

  it.each([...pages, 'docs/configuration.md'])('%s has the table of settings as it is in the code', async page => {
    const { stdout } = await run(process.execPath, ['scripts/write-docs.js', '--check'])
    expect(stdout).toBe('')
    expect(read(page)).toContain('| `PHONE_RECYCLE_DAYS` | `90` |')
  })

  it.each([
    ...pages,
    'CONTRIBUTING.md',
    'docs/architecture.md',
    'docs/databases.md',
    'docs/operations.md',
    'docs/hooks.md',
    'docs/emulator.md',
    'packages/emulator/README.md',
    'docs/verify.md',
    'packages/verify/README.md',
    'packages/client/README.md',
  ])('the links of %s lead to files that are there', page => {
    const base = new URL(`../${page}`, import.meta.url)
    for (const [, link = ''] of read(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(() => readFileSync(new URL(link, base)), link).not.toThrow()
    }
  })
})
