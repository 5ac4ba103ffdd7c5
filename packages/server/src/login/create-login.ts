import type { RefreshRequest, TokenPair } from '@mplogin/contract'
import { type CloudHeaders, type CloudIdentity, readCloudIdentity } from '@mplogin/wechat'
import { type AccountHooks, guardHooks } from '../accounts/hooks.js'
import type { LinkPolicy } from '../accounts/link-policy.js'
import type { AvatarStorage } from '../avatars/avatar-storage.js'
import { createAvatars } from '../avatars/avatars.js'
import { type Clock, systemClock } from '../clock.js'
import type { Keyring } from '../keyring.js'
import { createAccessTokens } from '../sessions/access-tokens.js'
import { createRefresh } from '../sessions/refresh.js'
import { createRefreshTokens } from '../sessions/refresh-tokens.js'
import { createSessions, type SessionPolicy } from '../sessions/sessions.js'
import type { SigningKeys } from '../sessions/signing-keys.js'
import type { Database } from '../store/database.js'
import { createAccount } from './account.js'
import { createAnswers } from './answers.js'
import { type App, createApps } from './apps.js'
import { createBindPhone } from './bind-phone.js'
import { createConflictTickets } from './conflict-tickets.js'
import { createIdempotency } from './idempotency.js'
import { createKeptAnswers } from './kept-answers.js'
import { createLinkPerson } from './link-person.js'
import { createMerges } from './merges.js'
import { createProfile } from './profile.js'
import { createQuickSignIn } from './quick-sign-in.js'
import { createResolveConflict } from './resolve-conflict.js'
import { createSignIn } from './sign-in.js'
import { createWechatPush } from './wechat-push.js'

/** The parts that the use cases stand on. */
export interface LoginDeps {
  /** Opened and migrated. */
  readonly database: Database
  readonly keyring: Keyring
  readonly keys: SigningKeys
  /** The first one is meant when a request names none. */
  readonly apps: readonly App[]
  readonly linkPolicy: LinkPolicy
  readonly sessionPolicy: SessionPolicy
  readonly tokens: { readonly issuer: string; readonly audience: string; readonly accessTtlSeconds: number }
  readonly hooks?: AccountHooks
  /** Where uploaded avatars are kept. */
  readonly avatarStorage: AvatarStorage
  /** Told of what failed behind an answer that was right, and is tried again. */
  readonly onError?: (error: unknown) => void
  /**
   * Believe the headers of WeChat cloud hosting. Only where nobody reaches the server but through WeChat: anybody else
   * could be anyone.
   */
  readonly trustCloudHeaders?: boolean
  /** Days for which a merge can be undone. */
  readonly mergeUndoDays?: number
  readonly clock?: Clock
}

/**
 * The login service without HTTP: every use case as a function. Each throws `LoginError` with a code of the contract.
 */
export function createLogin(deps: LoginDeps) {
  const { database, keyring, keys, clock = systemClock, mergeUndoDays = 30, onError = () => undefined } = deps
  const { trustCloudHeaders = false } = deps
  const hooks = guardHooks(deps.hooks ?? {})
  const { issuer, audience, accessTtlSeconds } = deps.tokens
  const apps = createApps(deps.apps)
  const sessions = createSessions(deps.sessionPolicy)
  const refreshTokens = createRefreshTokens(keyring)
  const accessTokens = createAccessTokens({ keys, issuer, audience, ttlSeconds: accessTtlSeconds, clock })
  const avatars = createAvatars({ database, storage: deps.avatarStorage, clock, onError })
  const answers = createAnswers({ accessTokens, refreshTokens, clock })
  const idempotency = createIdempotency({ database, keyring, clock })
  const keptAnswers = createKeptAnswers({ keyring, clock })
  const tickets = createConflictTickets({ keyring, clock })
  const linkPerson = createLinkPerson({ policy: deps.linkPolicy, tickets, keyring, hooks })
  const signInQuickly = createQuickSignIn({
    database,
    keyring,
    sessions,
    createsTogether: deps.hooks?.onAccountCreated === undefined,
    policy: deps.linkPolicy,
    sessionsPerAccount: deps.sessionPolicy.perAccount,
  })
  const people = { linkPerson, signInQuickly, tickets }
  const parts = { database, keyring, clock, apps, sessions, answers, idempotency, keptAnswers, ...people }
  const refreshSession = createRefresh({ database, sessions, refreshTokens })

  /** @throws LoginError of the route `refresh` in the contract */
  async function refresh({ refreshToken }: RefreshRequest): Promise<TokenPair> {
    return answers.tokenPair(await refreshSession(refreshToken, clock()))
  }

  return {
    ...createSignIn(parts),
    ...createAccount({ database, clock, sessions, accessTokens, hooks, avatars }),
    ...createProfile({ database, keyring, clock, sessions, avatars }),
    bindPhone: createBindPhone(parts),
    resolveConflict: createResolveConflict(parts),
    ...createWechatPush({ database, clock, apps, hooks, avatars }),
    refresh,
    ...createMerges({ database, clock, hooks, undoDays: mergeUndoDays }),
    /** The published keys, for other back ends. */
    jwks: () => keys.jwks(),
    /** Who calls by WeChat cloud hosting, as its headers tell; undefined unless they are believed. */
    findCloudIdentity: (headers: CloudHeaders): CloudIdentity | undefined =>
      trustCloudHeaders ? readCloudIdentity(headers) : undefined,
    trustCloudHeaders,
    /** Resolves when the database answers. */
    ping: () => database.ping(),
    /** Removes uploaded pictures that are nobody's avatar. */
    sweepAvatars: avatars.sweep,
    stopSweepingAvatars: avatars.stopSweeping,
  }
}

export type Login = ReturnType<typeof createLogin>
