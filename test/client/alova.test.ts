import { readFileSync } from 'node:fs'
import vm from 'node:vm'
import type { LoginClient } from '@mplogin/client'
import { type Alova, type AlovaGenerics, createAlova, invalidateCache } from 'alova'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPhone } from '../support/phone.js'
import { type System, startSystem } from '../support/system.js'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system.close())

const readme = readFileSync(new URL('../../packages/client/README.md', import.meta.url), 'utf8')
const [example = ''] = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)]
  .map(([, code]) => code)
  .filter(code => code?.includes('createAlova'))

/** What the README tells, as it stands there. */
function follow(login: LoginClient): Alova<AlovaGenerics> {
  const { outputText } = ts.transpileModule(
    example.replace(/^import .*$/gm, '').replace('export const alova =', 'alova ='),
    {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    },
  )
  const world = { login, createAlova, invalidateCache, alova: undefined as Alova<AlovaGenerics> | undefined }
  vm.runInNewContext(outputText, Object.assign(world, { Error, Object }))
  if (!world.alova) throw new Error('the README makes none')
  return world.alova
}

describe('alova on login.request, as the README tells', () => {
  it('sends the token and renews it, gives the body, and throws what is no success', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    const alova = follow(login)
    const { user } = await login.signIn()
    system.advance({ minutes: 16 })
    const answers = await Promise.all(['/me', '/me/sessions'].map(url => alova.Get<{ code: string }>(url)))
    expect([answers.map(({ code }) => code), phone.sentTo('/token/refresh').length]).toEqual([['OK', 'OK'], 1])
    const changed = await alova.Post<{ data: { user: object } }>('/me', { nickname: '林晓' })
    expect(changed.data.user).toEqual({ ...user, nickname: '林晓' })
    await expect(alova.Get('/nowhere', { params: { page: 1 } })).rejects.toMatchObject({
      statusCode: 404,
      data: { code: 'NOT_FOUND' },
    })
    expect(phone.sent.at(-1)?.path).toBe('/nowhere?page=1')
  })

  it('keeps nothing of one person for the next', async () => {
    const phone = createPhone(system)
    const { login } = phone.start()
    const alova = follow(login)
    await login.signIn()
    await alova.Get('/me')
    await login.signOut()
    await expect(alova.Get('/me')).rejects.toMatchObject({ statusCode: 401 })
  })
})
