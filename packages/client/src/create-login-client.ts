import { createAccount } from './account.js'
import { createCore } from './core.js'
import type { LoginClientOptions } from './options.js'
import { createRequest } from './requests.js'
import { createSignIn } from './sign-in.js'
import type { User } from './types.js'

/**
 * Login inside a mini program. One for the whole app; several that share a storage follow each other.
 *
 * Whoever signs in or out does so one at a time; the same asked for twice at once is done once. All promises settle, and
 * are rejected with a `ClientError`.
 *
 * @throws TypeError when a base URL is none
 */
export function createLoginClient(options: LoginClientOptions) {
  const core = createCore(options)
  const { current } = core

  return Object.assign(
    {
      /** Who is signed in, as far as this phone knows. */
      get user(): User | undefined {
        const session = current()
        return session && session.user
      },

      /** Whether somebody is signed in whose phone is missing: only then show the phone button, whose taps cost money. */
      get needsPhone(): boolean {
        const session = current()
        return !!session && !session.user.phoneBound
      },

      /**
       * Calls `listener(user, reason)` after each change of the user; `reason` is given when the server ended the session.
       *
       * @returns ends it
       */
      onChange: core.onChange,

      /**
       * As `wx.request`, but a promise; with the token where the URL is one of our servers. See the README for what is sent
       * again, and when.
       *
       * @throws ClientError `NETWORK`, `TIMEOUT`; why there is no new token. An answer of any status is a result
       */
      request: createRequest(core),
    },
    createSignIn(core),
    createAccount(core),
  )
}

export type LoginClient = ReturnType<typeof createLoginClient>
