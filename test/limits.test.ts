import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { findRedis } from './support/require-redis.js'
import { startSystem } from './support/system.js'

const redisUrl = await findRedis()

const behind = (address: string) => ({ headers: { 'x-forwarded-for': address } })

describe.skipIf(redisUrl === undefined)('REDIS_URL', () => {
  // Each run counts a network of its own (IPv6 is counted by /64), so that nothing has to be removed.
  const address = `fd00:${randomUUID().slice(0, 4)}:${randomUUID().slice(0, 4)}:1::1`
  const env = { REDIS_URL: redisUrl ?? '', RATE_LIMIT_PER_MINUTE: '6', TRUST_PROXY: '1' }

  it('makes two instances count together', async () => {
    const instances = await Promise.all([startSystem({ env }), startSystem({ env })])
    try {
      const statuses: number[] = []
      for (let i = 0; i < 8; i++)
        statuses.push((await instances[i % 2]?.api.login({ code: 'x' }, behind(address)))?.status ?? 0)
      expect(statuses).toEqual([400, 400, 400, 400, 400, 400, 429, 429])
    } finally {
      await Promise.all(instances.map(instance => instance.close()))
    }
  })
})

describe('without its Redis for a moment', () => {
  it('logins go on', async () => {
    const system = await startSystem({ env: { REDIS_URL: 'redis://127.0.0.1:1', RATE_LIMIT_PER_MINUTE: '5' } })
    try {
      for (let i = 0; i < 8; i++) expect((await system.person().login()).status).toBe(200)
    } finally {
      await system.close()
    }
  })
})

describe('TRUST_PROXY', () => {
  const address = '203.0.113.7'
  const seenAddress = async (env: Record<string, string>) => {
    const system = await startSystem({ env })
    try {
      const login = await system.api.login({ code: system.person().loginCode() }, behind(`198.51.100.1, ${address}`))
      const { sessions } = (
        await system.api.get<{ sessions: { address: string }[] }>('/me/sessions', login.body.data.accessToken)
      ).body.data
      return sessions[0]?.address
    } finally {
      await system.close()
    }
  }

  it('off: whoever connects is the client', async () => {
    expect(await seenAddress({})).toBe('127.0.0.*')
  })
  it('1: the address the one proxy saw, not what the client claims', async () => {
    expect(await seenAddress({ TRUST_PROXY: '1' })).toBe('203.0.113.*')
  })
  it('a list of proxies', async () => {
    expect(await seenAddress({ TRUST_PROXY: '127.0.0.1' })).toBe('203.0.113.*')
    expect(await seenAddress({ TRUST_PROXY: '10.0.0.0/8' })).toBe('127.0.0.*')
  })
})

describe('RATE_LIMIT_PER_MINUTE', () => {
  it('counts requests with bad tokens and to unknown routes too', async () => {
    const system = await startSystem({ env: { RATE_LIMIT_PER_MINUTE: '4' } })
    try {
      const answers = []
      for (let i = 0; i < 3; i++) answers.push(await system.api.get('/me', 'not.a.token'))
      for (let i = 0; i < 3; i++) answers.push(await system.api.get('/nowhere'))
      expect(answers.map(answer => answer.status)).toEqual([401, 401, 401, 404, 429, 429])
    } finally {
      await system.close()
    }
  })
})
