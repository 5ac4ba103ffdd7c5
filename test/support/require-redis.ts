import { Redis } from 'ioredis'

const url = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'

/** The address of a real Redis. Where there is none its tests are skipped, loudly; in CI they fail. */
export async function findRedis(): Promise<string | undefined> {
  if (await answers()) return url
  const text = `no Redis at ${url}: the tests that need one are SKIPPED (set TEST_REDIS_URL)`
  if (process.env.CI) throw new Error(text)
  process.stderr.write(`\n${text}\n\n`)
  return undefined
}

async function answers(): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    return (await redis.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}
