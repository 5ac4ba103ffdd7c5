import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startEmulator } from '@mplogin/emulator'
import { type AccessTokenStore, createWechat } from '@mplogin/wechat'
import type { Redis } from 'ioredis'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findRedis } from './support/require-redis.js'
import { appA } from './support/system.js'

const file = fileURLToPath(new URL('./support/readme-token-store.generated.mjs', import.meta.url))

const redisUrl = await findRedis()

describe.runIf(redisUrl !== undefined)(
  "the store of access tokens in @mplogin/wechat's README, on a real Redis,",
  () => {
    let store: AccessTokenStore
    let redis: Redis
    const appid = () => `wx-${randomUUID()}`

    beforeAll(async () => {
      const page = readFileSync(new URL('../packages/wechat/README.md', import.meta.url), 'utf8')
      const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code)
      const example = examples.find(code => code.includes('const tokenStore: AccessTokenStore')) ?? ''
      const code = example
        .replace('new Redis({', `new Redis('${redisUrl}', {`)
        .replace(/^export const wechat.*$/m, 'export { tokenStore, redis }')
      const { outputText } = ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2023 } })
      writeFileSync(file, outputText)
      ;({ tokenStore: store, redis } = await import(file))
      if (redis.status !== 'ready') await new Promise(resolve => redis.once('ready', resolve))
    })
    afterAll(() => {
      redis.disconnect()
      rmSync(file, { force: true })
    })

    it('gives the lease to one of many, and to the next when its time is over', async () => {
      const id = appid()
      const wants = () =>
        Promise.all(Array.from({ length: 20 }, () => store.acquire(id, { holder: randomUUID(), leaseMs: 300 })))
      expect((await wants()).filter(Boolean)).toHaveLength(1)
      await new Promise(resolve => setTimeout(resolve, 350))
      expect((await wants()).filter(Boolean)).toHaveLength(1)
    })

    it('gives back what its holder wrote, and takes nothing from anybody else', async () => {
      const id = appid()
      const expiresAt = new Date(Date.now() + 60_000)
      await store.acquire(id, { holder: 'a', leaseMs: 5000 })
      await store.write(id, 'b', { token: 'T0', expiresAt })
      await store.release(id, 'b')
      expect(await store.read(id)).toBeUndefined()
      expect(await store.acquire(id, { holder: 'b', leaseMs: 5000 })).toBe(false)
      await store.write(id, 'a', { token: 'T1', expiresAt })
      expect(await store.read(id)).toEqual({ token: 'T1', expiresAt })
      expect(await store.acquire(id, { holder: 'b', leaseMs: 5000 })).toBe(true)
      await store.release(id, 'b')
    })

    it('lets clients of one app ask WeChat once', async () => {
      const app = { secret: appA.secret, appid: appid() }
      const emulator = await startEmulator({ apps: [app] })
      const clients = Array.from({ length: 6 }, () =>
        createWechat({ ...app, apiBase: emulator.url, tokenMode: 'legacy', tokenStore: store }),
      )
      const tokens = await Promise.all(clients.map(client => client.accessToken.get()))
      expect(new Set(tokens).size).toBe(1)
      expect(emulator.stats().calls['/cgi-bin/token']).toEqual({ 0: 1 })
      await Promise.all(clients.map(client => client.close()))
      await emulator.close()
    })

    it('holds nobody up when Redis is away: each asks WeChat for itself', async () => {
      const app = { secret: appA.secret, appid: appid() }
      const emulator = await startEmulator({ apps: [app] })
      const client = createWechat({ ...app, apiBase: emulator.url, tokenStore: store })
      redis.disconnect()
      const startedMs = performance.now()
      expect(await client.accessToken.get()).toMatch(/\S/)
      expect(performance.now() - startedMs).toBeLessThan(3000)
      await client.close()
      await emulator.close()
    })
  },
)
