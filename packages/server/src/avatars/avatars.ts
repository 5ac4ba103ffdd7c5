import { v4 as uuidv4 } from 'uuid'
import { type Clock, hourMs } from '../clock.js'
import type { Database, Tx } from '../store/database.js'
import type { AvatarStorage } from './avatar-storage.js'

/** Where uploaded pictures are served, below where the API is mounted. */
export const uploadedPrefix = '/uploads/avatars/'

/** A new picture that no account took within this time is removed: the request that brought it died. */
const untakenMs = hourMs
/** A picture that could not be removed is tried again after so long. */
const retryMs = hourMs
/** Pictures removed in one go. */
const batchSize = 100

/**
 * The pictures that people uploaded. Each has a row before it is written, and goes on having one until it is removed;
 * `remove_after` is empty while it is the avatar of an account. So none is forgotten, whenever a process dies.
 */
export function createAvatars(deps: {
  database: Database
  storage: AvatarStorage
  clock: Clock
  /** Told when the storage cannot remove a picture; it is tried again later. */
  onError: (error: unknown) => void
}) {
  const { database, storage, clock, onError } = deps
  let sweeping: Promise<void> | undefined
  let isWanted = false
  let isClosed = false

  /**
   * Writes a picture that is nobody's avatar yet. Its name is random, so that nobody finds it who was not told.
   *
   * @returns the avatar as accounts have it, for `take`
   * @throws LoginError SERVICE_UNAVAILABLE the storage does not answer
   */
  async function keep(accountId: string, picture: Buffer): Promise<string> {
    const name = `${uuidv4()}.jpg`
    const remove_after = clock().getTime() + untakenMs
    await database.runStatement(db =>
      db.insertInto('avatars').values({ name, account_id: accountId, remove_after }).execute(),
    )
    await storage.put(name, picture)
    return uploadedPrefix + name
  }

  /**
   * Removes, now and then again after failures, the pictures that nobody's account has any more. It goes on behind the
   * back of a request, however slow the storage is.
   */
  function sweep(): Promise<void> {
    isWanted = true
    sweeping ??= sweepWhileWanted().finally(() => {
      sweeping = undefined
      if (isWanted && !isClosed) void sweep()
    })
    return sweeping
  }

  /** What became overdue after a sweep had looked is seen by the next one, which follows it. */
  async function sweepWhileWanted(): Promise<void> {
    while (isWanted && !isClosed) {
      isWanted = false
      await removeOverdue().catch(onError)
    }
  }

  async function removeOverdue(): Promise<void> {
    let failure: unknown
    for (let found = batchSize; found === batchSize && !isClosed; ) {
      const now = clock().getTime()
      const overdue = await database.db
        .selectFrom('avatars')
        .select(['name', 'remove_after'])
        .where('remove_after', '<=', now)
        .where('remove_after', '>=', -now)
        .orderBy('remove_after')
        .limit(batchSize)
        .execute()
      for (const { name, remove_after } of overdue) {
        if (isClosed || !(await condemn(name, remove_after))) continue
        try {
          await storage.remove(name)
          await database.runStatement(db => db.deleteFrom('avatars').where('name', '=', name).execute())
        } catch (error) {
          failure = error
          await condemn(name, 0, -(now + retryMs))
        }
      }
      found = overdue.length
    }
    if (failure !== undefined) throw failure
  }

  /**
   * From here on no account can take the picture, which is removed now or, where that failed, later (a negative time);
   * false when an account just took it.
   */
  async function condemn(name: string, remove_after: number | null, until = 0): Promise<boolean> {
    const result = await database.runStatement(db =>
      db
        .updateTable('avatars')
        .set({ remove_after: until })
        .where('name', '=', name)
        .where('remove_after', '=', remove_after)
        .executeTakeFirst(),
    )
    return result.numUpdatedRows === 1n
  }

  return {
    keep,
    /** @throws LoginError SERVICE_UNAVAILABLE the storage does not answer */
    read: (name: string) => storage.get(name),
    sweep,
    /** Ends a sweep between two pictures; the next start goes on. */
    stopSweeping(): void {
      isClosed = true
    },
  }
}

export type Avatars = ReturnType<typeof createAvatars>

/**
 * Makes an avatar the account's within a transaction; the one it replaces will be removed.
 *
 * @returns whether it may have it: any URL and path, but of the uploaded pictures its own ones only
 */
export async function takeAvatar(tx: Tx, accountId: string, avatar: string, now: Date): Promise<boolean> {
  const name = avatar.startsWith(uploadedPrefix) ? avatar.slice(uploadedPrefix.length) : ''
  if (name !== '') {
    const taken = await tx
      .updateTable('avatars')
      .set({ remove_after: null })
      .where('name', '=', name)
      .where('account_id', '=', accountId)
      .where(eb => eb.or([eb('remove_after', 'is', null), eb('remove_after', '>', now.getTime())]))
      .executeTakeFirst()
    if (taken.numUpdatedRows !== 1n) return false
  }
  await tx
    .updateTable('avatars')
    .set({ remove_after: now.getTime() })
    .where('account_id', '=', accountId)
    .where('name', '!=', name)
    .where('remove_after', 'is', null)
    .execute()
  return true
}

/** Gives up all pictures of accounts within a transaction. */
export async function giveUpAvatars(tx: Tx, accountIds: readonly string[], now: Date): Promise<void> {
  await tx.updateTable('avatars').set({ remove_after: now.getTime() }).where('account_id', 'in', accountIds).execute()
}
