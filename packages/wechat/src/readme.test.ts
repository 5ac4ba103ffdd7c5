import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { createWechat } from './client.js'
import { codesOfFailure } from './error-codes.js'
import { parseOptions } from './options.js'

const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const sectionOf = (title: string) => page.split(/^## /m).find(text => text.startsWith(`${title}\n`)) ?? ''
const firstCells = (section: string) =>
  [...section.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+(?:\.\w+)?)/g)].map(([, name = '']) => name),
  )

// Beside the package's dependencies, so that the examples resolve what they import as their reader's code would.
const directory = fileURLToPath(new URL('../node_modules/.cache/readme/', import.meta.url))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the README', () => {
  it('tells each call of the client', () => {
    const wechat = createWechat({ appid: 'wx1', secret: 's' })
    const calls = Object.entries(wechat).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
    expect(firstCells(sectionOf('Calls')).sort()).toEqual(
      [...calls.filter(name => name !== 'close'), 'accessToken.get', 'mchId', 'outTradeNo'].sort(),
    )
    expect(page).toContain('wechat.close()')
  })

  it('tells each option', () => {
    const settings = Object.keys(parseOptions({ appid: 'wx1', secret: 's' }))
    const options = settings.filter(name => name !== 'origin' && name !== 'prefix')
    expect(firstCells(sectionOf('Options')).sort()).toEqual([...options, 'apiBase'].sort())
  })

  it('tells each failure that is not a refusal, under its kind', () => {
    const rows = [
      ...sectionOf('Errors').matchAll(/^\| `(no_answer|unreadable|unverified|undecryptable)` \| (.+) \|$/gm),
    ]
    const told = rows.flatMap(([, kind, text = '']) =>
      [...text.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => [code, kind]),
    )
    expect(Object.fromEntries(told)).toEqual(codesOfFailure)
  })

  it('has examples that compile as they stand', { timeout: 60_000 }, () => {
    const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
    expect(examples.length).toBeGreaterThan(3)
    mkdirSync(directory, { recursive: true })
    writeFileSync(`${directory}package.json`, '{ "type": "module" }')
    const files = examples.map((code, index) => {
      const file = `${directory}example-${index}.ts`
      writeFileSync(file, code)
      return file
    })
    const program = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    })
    const mistakes = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText, file }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
    expect(mistakes).toEqual([])
  })
})
