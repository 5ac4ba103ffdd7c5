import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, describe, expect, it } from 'vitest'
import { effectScope } from 'vue'
import { createLoginClient } from './create-login-client.js'
import { parseOptions } from './options.js'
import type { Platform } from './platform.js'
import { useLogin } from './vue.js'

const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const sectionOf = (title: string) => page.split(/^## /m).find(text => text.startsWith(`${title}\n`)) ?? ''
const firstCells = (text: string) =>
  [...text.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)/g)].map(([, name = '']) => name),
  )
const platform = { storage: { getStorageSync: () => '' } } as unknown as Platform
const options = { baseUrl: 'https://login.example.com', platform }

// Beside the package, so that the examples resolve what they import as their reader's code would.
const directory = fileURLToPath(new URL('../.cache/readme/', import.meta.url))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('the README', () => {
  it('tells each member of the client, and each option', () => {
    const settings = Object.keys(parseOptions(options)).filter(name => name !== 'urls')
    expect(firstCells(sectionOf('The client')).sort()).toEqual(
      [...Object.keys(createLoginClient(options)), ...settings, 'baseUrl', 'apiUrls'].sort(),
    )
  })

  it('names each export', () => {
    for (const entry of ['index', 'wx', 'uni', 'taro', 'texts']) {
      const source = readFileSync(new URL(`./${entry}.ts`, import.meta.url), 'utf8')
      const file = ts.createSourceFile(entry, source, ts.ScriptTarget.Latest)
      for (const node of file.statements) {
        const names = ts.isExportDeclaration(node)
          ? (node.exportClause as ts.NamedExports).elements.map(({ name }) => name.text)
          : 'name' in node && (ts.getCombinedModifierFlags(node as never) & ts.ModifierFlags.Export) !== 0
            ? [(node.name as ts.Identifier).text]
            : []
        for (const name of names) expect(page, name).toMatch(new RegExp(`\\b${name}\\b`))
      }
    }
  })

  it('names what useLogin returns', () => {
    const returned = effectScope().run(() => useLogin(createLoginClient(options))) ?? {}
    const [told = ''] = /^It returns .+$/m.exec(sectionOf('In Vue and uni-app')) ?? []
    expect([...told.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(Object.keys(returned))
  })

  it('tells each code of the phone', () => {
    const source = readFileSync(new URL('./errors.ts', import.meta.url), 'utf8')
    const [, union = ''] = /type PhoneErrorCode =(.+?)\n\n/s.exec(source) ?? []
    expect(firstCells(sectionOf('Errors'))).toEqual([...union.matchAll(/'(\w+)'/g)].map(([, code]) => code))
  })

  it('has examples that compile as they stand', { timeout: 60_000 }, () => {
    const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
    expect(examples.length).toBe(4)
    mkdirSync(directory, { recursive: true })
    const files = examples.map((code, index) => {
      const file = `${directory}${index === 0 ? 'login' : `example-${index}`}.ts`
      writeFileSync(file, code)
      return file
    })
    for (const types of ['miniprogram-api-typings', '@dcloudio/types']) {
      const isFor = (file: string) =>
        /\buni\b/.test(readFileSync(file, 'utf8').replace(/^.*\/uni, .*$/m, '')) ===
        (types !== 'miniprogram-api-typings')
      const program = ts.createProgram(files.filter(isFor), {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        moduleResolution: ts.ModuleResolutionKind.Bundler,
        types: [types],
        strict: true,
        noEmit: true,
        skipLibCheck: true,
      })
      const mistakes = ts
        .getPreEmitDiagnostics(program)
        .map(({ messageText, file }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
      expect(mistakes).toEqual([])
    }
  })
})
