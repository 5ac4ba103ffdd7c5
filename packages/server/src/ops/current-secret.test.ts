import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { minuteMs } from '../clock.js'
import { createKeyring } from '../keyring.js'
import { type Database, openDatabase } from '../store/database.js'
import { migrate } from '../store/migrate.js'
import { followCurrentSecret, forgetFormerSecrets, openCurrentSecret, switchSecret } from './current-secret.js'

const [old, next] = [randomBytes(32), randomBytes(32)]
const now = new Date('2026-06-01T08:00:00Z')

let database: Database
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:')
  await migrate(database)
  await openCurrentSecret(database, createKeyring(old), now)
})
afterEach(async () => {
  vi.useRealTimers()
  await database.close()
})

describe('the current secret', () => {
  it('stays the former one until it is switched; every instance follows within a minute', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const [instance, command] = [createKeyring([next, old]), createKeyring([next, old])]
    for (const keyring of [instance, command]) await openCurrentSecret(database, keyring, now)
    expect(instance.currentId()).toBe(createKeyring(old).firstId)
    const stop = followCurrentSecret(database, instance, error => expect.unreachable(String(error)))
    await switchSecret(database, command, now)
    expect(instance.currentId()).not.toBe(command.currentId())
    vi.advanceTimersByTime(minuteMs)
    await vi.waitFor(() => expect(instance.currentId()).toBe(createKeyring(next).firstId))
    stop()
  })

  it('is told to an instance that does not have it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const keyring = createKeyring(old)
    await openCurrentSecret(database, keyring, now)
    const errors: unknown[] = []
    const stop = followCurrentSecret(database, keyring, error => errors.push(error))
    await switchSecret(database, createKeyring([next, old]), now)
    vi.advanceTimersByTime(minuteMs)
    await vi.waitFor(() => expect(errors).toMatchObject([{ name: 'SecretError' }]))
    stop()
  })

  it('asks for the former one too, until nothing is stored under it', async () => {
    await switchSecret(database, createKeyring([next, old]), now)
    await expect(openCurrentSecret(database, createKeyring(next), now)).rejects.toThrow('name it too')
    await expect(openCurrentSecret(database, createKeyring(old), now)).rejects.toThrow('is not the one')
    await openCurrentSecret(database, createKeyring([next, old]), now)
    await forgetFormerSecrets(database)
    await openCurrentSecret(database, createKeyring(next), now)
  })
})
