import { ask, callAs, type Header } from './api.js'
import type { Core } from './core.js'
import type { ClientError } from './errors.js'
import type { DeviceSession, User } from './types.js'

/** What may be changed of what a person shows. */
export interface ProfileChange {
  /** 1 to 32 characters. */
  readonly nickname?: string
  /** The `avatarUrl` of `chooseAvatar`, which is uploaded; or an `https://` URL or a path of the login server, kept as it is. */
  readonly avatar?: string
}

/** What a signed-in person may do with their account and its sessions. */
export function createAccount(core: Core) {
  const end = () => core.replace()

  function updateProfile({ nickname, avatar }: ProfileChange): Promise<User> {
    const isFile = avatar && !/^(https:\/|\/[^/])/.test(avatar)
    const url = `${core.urls[0]}/me/avatar`
    const send = isFile
      ? (own: Header) =>
          core.platform.uploadFile({
            url,
            filePath: avatar,
            name: 'avatar',
            header: Object.assign(own, core.platform.header),
          })
      : ask(core, '/me', { nickname, avatar })
    return callAs<{ user: User }>(core, send).then(({ user }) =>
      isFile && nickname ? updateProfile({ nickname }) : user,
    )
  }

  return {
    /**
     * Changes nickname, avatar, or both.
     *
     * @throws ClientError `UNAUTHENTICATED` · `BAD_REQUEST` · `IMAGE_INVALID` · `PAYLOAD_TOO_LARGE`
     */
    updateProfile,

    /**
     * Ends the session, or all of the account. Without a network it is forgotten on this phone alone; `everywhere` fails
     * then, and nobody is signed out.
     *
     * @throws ClientError with `everywhere`: nothing is known to have ended
     */
    signOut: ({ everywhere }: { readonly everywhere?: boolean } = {}): Promise<void> =>
      core.run(`out ${everywhere}`, () =>
        callAs(core, ask(core, '/logout', { everywhere }))
          .catch((error: ClientError) => {
            if (everywhere) throw error
          })
          .then(end),
      ),

    /**
     * Deletes the account (注销): personal data is erased, every session ends. Ask before.
     *
     * @throws ClientError nothing is known to have been deleted
     */
    deleteAccount: (): Promise<void> =>
      core.run('delete', () => callAs(core, ask(core, '/me', undefined, 'DELETE')).then(end)),

    /** The devices that the account is signed in on. @throws ClientError */
    sessions: (): Promise<DeviceSession[]> =>
      callAs<{ sessions: DeviceSession[] }>(core, ask(core, '/me/sessions')).then(({ sessions }) => sessions),

    /** Signs a device out. @throws ClientError `NOT_FOUND` */
    revokeSession: (id: string): Promise<void> =>
      callAs(core, ask(core, `/me/sessions/${encodeURIComponent(id)}`, undefined, 'DELETE')),
  }
}
