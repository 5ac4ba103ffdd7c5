import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startS3 } from '../../../../test/support/s3.js'
import type { S3Bucket } from './s3-storage.js'
import { openStorage } from './storage.js'

const directory = mkdtempSync(join(tmpdir(), 'mplogin-storage-'))
const server = await startS3()
const { region, accessKeyId, secretAccessKey } = server
const s3 = { kind: 's3', url: `${server.bucket}/people`, region, accessKeyId, secretAccessKey } as const
const disk = { kind: 'disk', directory: join(directory, 'not', 'yet', 'there') } as const
afterAll(async () => {
  await server.close()
  rmSync(directory, { recursive: true, force: true })
})

describe.each(['disk', 's3'] as const)('the storage of avatars on %s', kind => {
  const open = () => openStorage(kind === 'disk' ? disk : s3)

  it('gives back what was put, byte for byte', async () => {
    const storage = open()
    const [one, two] = [`${randomUUID()}.jpg`, `${randomUUID()}.jpg`]
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256))
    await Promise.all([storage.put(one, bytes), storage.put(two, Buffer.from('two'))])
    expect((await storage.get(one))?.equals(bytes)).toBe(true)
    expect(await storage.get(two)).toEqual(Buffer.from('two'))
  })

  it('knows nothing of what was never put, or was removed; removing twice is one', async () => {
    const storage = open()
    const name = `${randomUUID()}.jpg`
    expect(await storage.get(name)).toBeUndefined()
    await storage.put(name, Buffer.from('x'))
    await storage.remove(name)
    await storage.remove(name)
    expect(await storage.get(name)).toBeUndefined()
  })
})

const outcome = (work: Promise<unknown>): Promise<unknown[]> =>
  work.then(
    () => ['done'],
    error => [error.code, error.retryAfterSeconds, error.message],
  )

describe('a storage that cannot be used', () => {
  it('is unavailable: a directory that is a file', async () => {
    const path = join(directory, 'file')
    writeFileSync(path, '')
    const storage = openStorage({ kind: 'disk', directory: path })
    expect(await outcome(storage.put('a.jpg', Buffer.from('x')))).toEqual([
      'SERVICE_UNAVAILABLE',
      5,
      'the storage of avatars (disk) cannot write',
    ])
    expect((await outcome(storage.get('a.jpg')))[0]).toBe('SERVICE_UNAVAILABLE')
  })

  it('leaves no half of a picture behind', async () => {
    const storage = openStorage({ kind: 'disk', directory })
    await outcome(storage.put('no/such/directory.jpg', Buffer.from('x')))
    expect(readdirSync(directory).filter(name => name.includes('.part'))).toEqual([])
  })

  it('is unavailable: wrong keys, no bucket, nobody there; the log tells which, and no key', async () => {
    const places: [Partial<S3Bucket>, RegExp][] = [
      [{ secretAccessKey: 'wrong-secret' }, /HTTP 403 SignatureDoesNotMatch/],
      [{ accessKeyId: 'nobody' }, /HTTP 403 InvalidAccessKeyId/],
      [{ url: s3.url.replace('/avatars/', '/no-such-bucket/') }, /HTTP 404 NoSuchBucket/],
      [{ region: 'eu-central-1' }, /HTTP 403 SignatureDoesNotMatch/],
      [{ url: 'http://127.0.0.1:1/avatars' }, /fetch failed/],
    ]
    for (const [change, reason] of places) {
      const storage = openStorage({ ...s3, ...change })
      const error = await storage.put('a.jpg', Buffer.from('x')).catch((thrown: Error) => thrown)
      expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: { message: expect.stringMatching(reason) } })
      expect(JSON.stringify(error) + String(error?.cause)).not.toContain('wrong-secret')
    }
  })
})
