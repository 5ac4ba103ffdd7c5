import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'
import { createLoginClient, type LoginClient } from '@mplogin/client'
import { taroPlatform } from '@mplogin/client/taro'
import { uniPlatform } from '@mplogin/client/uni'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPhone, type Phone } from '../support/phone.js'
import { type System, startSystem } from '../support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

type Wx = ReturnType<Phone['start']>['wx']

/** The flows of a mini program, whatever it is written with. */
async function live({ login, wx }: { login: LoginClient; wx: Wx }): Promise<void> {
  const byCode = await login.signIn()
  expect([byCode.outcome, login.needsPhone]).toEqual(['created', true])
  const bound = await login.bindPhone(await wx.tapPhoneButton())
  expect([bound.user.phoneBound, login.needsPhone]).toEqual([true, false])
  system.advance({ minutes: 16 })
  const answers = await Promise.all([1, 2, 3].map(() => login.request({ url: '/me' })))
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
  expect((await login.updateProfile({ nickname: '林晓' })).nickname).toBe('林晓')
  wx.setOffline(true)
  await expect(login.request({ url: '/me' })).rejects.toMatchObject({ name: 'ClientError', code: 'NETWORK' })
  wx.setOffline(false)
  await login.signOut()
  expect(login.user).toBe(undefined)
  expect((await login.signInWithPhone(await wx.tapPhoneButton())).outcome).toBe('existing')
  await login.deleteAccount()
}

describe('in uni-app', () => {
  it('lives on uni, which is wx in a mini program', async () => {
    const phone = createPhone(system, { phone: '13900001001' })
    const { wx } = phone.start()
    await live({
      wx,
      login: createLoginClient({ baseUrl: system.url, platform: uniPlatform(wx), now: () => +system.clock() }),
    })
    expect(phone.sent[0]?.body).toMatchObject({ appid: expect.stringMatching(/^wx/) })
  })
})

describe('in Taro', () => {
  /** Taro's calls take callbacks and give a promise, which is rejected too. */
  const promised =
    (call: (options: object) => unknown) =>
    (options: { success?(result: unknown): void; fail?(failure: unknown): void }) =>
      new Promise((resolve, reject) =>
        call({
          ...options,
          success(result: unknown) {
            options.success?.(result)
            resolve(result)
          },
          fail(failure: unknown) {
            options.fail?.(failure)
            reject(failure)
          },
        }),
      )

  it('lives on Taro, and leaves none of its promises unhandled', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown) => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    const { wx } = createPhone(system, { phone: '13900001002' }).start()
    const taro = {
      ...wx,
      request: promised(wx.request as never),
      login: promised(wx.login as never),
      uploadFile: promised(wx.uploadFile as never),
    }
    await live({
      wx,
      login: createLoginClient({ baseUrl: system.url, platform: taroPlatform(taro), now: () => +system.clock() }),
    })
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })
})

describe('what WeChat’s "build npm" takes', () => {
  const directory = fileURLToPath(new URL('../../packages/client/miniprogram_dist/', import.meta.url))
  const files = ['index', 'wx', 'uni', 'taro', 'vue', 'texts', 'callbacks', 'errors', 'failures'].map(name =>
    join(directory, `${name}.js`),
  )

  /** A mini program's modules: CommonJS, in a world without Node and without a browser. */
  function load(world: object) {
    const context = vm.createContext({ setTimeout, ...world })
    const modules = new Map<string, { exports: Record<string, unknown> }>()
    const requireFrom = (from: string) => (name: string) => {
      const path = name.startsWith('.') ? join(dirname(from), name) : join(directory, `${name}.js`)
      const known = modules.get(path)
      if (known) return known.exports
      const module = { exports: {} }
      modules.set(path, module)
      const wrapped = vm.runInContext(
        `(function (require, module, exports) {${readFileSync(path, 'utf8')}\n})`,
        context,
      )
      wrapped(requireFrom(path), module, module.exports)
      return module.exports
    }
    return requireFrom(join(directory, 'app.js'))
  }

  it('runs where there is no URL, no fetch, no Buffer and no timer but setTimeout', async () => {
    const phone = createPhone(system, { phone: '13900001003' })
    const { wx } = phone.start()
    const require = load({ wx })
    const { createLoginClient: create } = require('./index.js') as { createLoginClient: typeof createLoginClient }
    const { wxPlatform } = require('./wx.js') as unknown as { wxPlatform: typeof uniPlatform }
    await live({ wx, login: create({ baseUrl: system.url, platform: wxPlatform(wx), now: () => +system.clock() }) })
    const { errorText } = require('./texts.js') as unknown as { errorText(error: unknown): string }
    expect(errorText({ name: 'ClientError', code: 'NETWORK' })).toMatch(/网络/)
  })

  it.each(files)('is ES5: %s', file => {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.JS)
    const modern: string[] = []
    const kinds = [
      ...[ts.SyntaxKind.ArrowFunction, ts.SyntaxKind.ClassDeclaration, ts.SyntaxKind.ClassExpression],
      ...[ts.SyntaxKind.TemplateExpression, ts.SyntaxKind.NoSubstitutionTemplateLiteral, ts.SyntaxKind.SpreadElement],
      ...[ts.SyntaxKind.SpreadAssignment, ts.SyntaxKind.ShorthandPropertyAssignment, ts.SyntaxKind.MethodDeclaration],
      ...[ts.SyntaxKind.ComputedPropertyName, ts.SyntaxKind.ObjectBindingPattern, ts.SyntaxKind.ArrayBindingPattern],
      ...[ts.SyntaxKind.ForOfStatement, ts.SyntaxKind.AwaitExpression, ts.SyntaxKind.YieldExpression],
      ...[ts.SyntaxKind.ImportDeclaration, ts.SyntaxKind.ExportDeclaration, ts.SyntaxKind.AsyncKeyword],
    ]
    const visit = (node: ts.Node): void => {
      const isModern =
        kinds.includes(node.kind) ||
        (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) !== 0) ||
        (ts.isParameter(node) && (node.initializer !== undefined || node.dotDotDotToken !== undefined)) ||
        (ts.isCatchClause(node) && node.variableDeclaration === undefined)
      if (isModern) modern.push(`${ts.SyntaxKind[node.kind]}: ${node.getText().slice(0, 60)}`)
      ts.forEachChild(node, visit)
    }
    visit(source)
    expect(modern).toEqual([])
  })

  it.each(files)('evaluates no text: %s', file => {
    expect(readFileSync(file, 'utf8')).not.toMatch(/\beval\s*\(|new Function|\bglobalThis\b|\bwindow\b|\bprocess\b/)
  })
})
