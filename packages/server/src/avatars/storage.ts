import { LoginError } from '../errors.js'
import type { AvatarStorage } from './avatar-storage.js'
import { createDiskStorage } from './disk-storage.js'
import { createS3Storage, type S3Bucket } from './s3-storage.js'

/** The place that the settings name. */
export type StoragePlace = { readonly kind: 'disk'; readonly directory: string } | (S3Bucket & { readonly kind: 's3' })

/** Seconds after which a client may try again when the storage is not to be had. */
const retryAfterSeconds = 5

/**
 * Opens the storage; nothing is touched before it is first asked.
 *
 * @returns a storage whose verbs throw LoginError SERVICE_UNAVAILABLE when it does not do what it is asked
 */
export function openStorage(place: StoragePlace): AvatarStorage {
  const storage = place.kind === 'disk' ? createDiskStorage(place.directory) : createS3Storage(place)
  const named = async <T>(what: string, work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (cause) {
      const reason = `the storage of avatars (${place.kind}) cannot ${what}`
      throw new LoginError('SERVICE_UNAVAILABLE', reason, { cause, retryAfterSeconds })
    }
  }
  return {
    put: (name, picture) => named('write', storage.put(name, picture)),
    get: name => named('read', storage.get(name)),
    remove: name => named('remove', storage.remove(name)),
  }
}
