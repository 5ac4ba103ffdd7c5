import { attempt } from './attempt.js'
import { type ClientError, createError } from './errors.js'
import type { Settings } from './options.js'
import type { Session } from './session.js'
import type { User } from './types.js'

/** Told of each change of the signed-in user; of a session that the server ended, with its reason. */
export type ChangeListener = (user: User | undefined, reason?: ClientError) => void

/**
 * The session: in memory, stored, and told of. Instances that share a storage follow each other. What the storage cannot
 * do (full, cleared, broken) costs nothing but the session of the next start.
 */
export function createSessionStore({ platform, storageKey, now }: Settings) {
  const { storage } = platform
  let session: Session | undefined
  /** What was read or written last. */
  let known: unknown
  /** The user that listeners know. */
  let told: string | undefined
  let listeners: ChangeListener[] = []

  function become(next: Session | undefined, reason?: ClientError): void {
    const user = next && next.user
    const text = JSON.stringify(user)
    session = next
    if (text === told) return
    told = text
    // Later and each on its own: one that throws does not stop the others.
    listeners.forEach(listener => {
      Promise.resolve().then(() => listener(user, reason))
    })
  }

  function current(): Session | undefined {
    attempt(() => {
      const text = storage.getStorageSync(storageKey)
      // Nothing stored: it was cleared, and what is in memory counts. Signed out is a text too.
      if (text && text !== known) {
        const stored = JSON.parse(text as string) as Session | null
        become(stored && stored.user && stored.refreshToken ? stored : undefined)
        known = text
      }
    })
    return session
  }

  function replace(next?: Session, reason?: ClientError): void {
    const text = JSON.stringify(next || null)
    const save = () => {
      storage.setStorageSync(storageKey, text)
      known = text
      return true
    }
    if (!attempt(save)) {
      // Full: our own old value makes room. If it does not, an old token must not outlive its successor.
      attempt(() => storage.removeStorageSync(storageKey))
      become(next, attempt(save) ? reason : createError('STORAGE_FAILED'))
    }
    become(next, reason)
  }

  current()
  return {
    /** The session as of now: another instance may have stored another one. */
    current,

    /** Replaces the session, or ends it. */
    replace,

    /** Changes some of it. */
    keep(change: Partial<Session>): void {
      replace(Object.assign({}, session, change, change.accessToken && { receivedAt: now() }) as Session)
    },

    onChange(listener: ChangeListener): () => void {
      listeners = listeners.concat(listener)
      return () => {
        listeners = listeners.filter(one => one !== listener)
      }
    },
  }
}

export type SessionStore = ReturnType<typeof createSessionStore>
