import { judge } from './answers.js'
import type { Core } from './core.js'
import { type ClientError, createError } from './errors.js'
import type { PlatformAnswer } from './platform.js'
import { isSamePerson, type Session } from './session.js'
import type { TokenPair, User } from './types.js'

/** Headers. */
export type Header = Record<string, string>

/** Sends something with these headers and its own. */
export type Send = (header: Header) => Promise<PlatformAnswer>

/** Answers to a refresh that end the session. Everything else (no network, a server in trouble) keeps it. */
const refusals = /^(REFRESH_|SESSION_R|ACCOUNT_D)/

/** The header that tells who calls. */
export function bearer({ accessToken }: TokenPair): Header {
  return { Authorization: `Bearer ${accessToken}` }
}

/** A call of the login server. */
export function ask(core: Core, path: string, data?: object, method = data ? 'POST' : 'GET', more?: Header): Send {
  return own => {
    return core.platform.request({
      url: core.urls[0] + path,
      method,
      data,
      header: Object.assign(own, core.platform.header, more),
      timeout: core.timeoutMs,
      redirect: 'manual',
    })
  }
}

/** Without a session. @throws ClientError */
export function call<Data>(send: Send): Promise<Data> {
  return send({}).then<Data>(judge)
}

/** As the person who is signed in; what the answer tells of them is kept. @throws ClientError */
export function callAs<Data>(core: Core, send: Send): Promise<Data> {
  const session = core.current()
  return authorized(core, send).then(answer => {
    const data = judge<Data & { user?: User }>(answer)
    const { user } = data
    if (user && isSamePerson(session, core.current())) core.keep({ user })
    return data
  })
}

/**
 * Sends with a token that is good: renewed before when it is old, or once after when it was refused (401). One that was
 * renewed meanwhile is not renewed again: a refused older token signs nobody out. Without a session, without a token.
 *
 * @throws ClientError why there is no new token
 */
export function authorized(core: Core, send: Send): Promise<PlatformAnswer> {
  const session = core.current()
  if (!session) return send({})
  const sendAs = (one: Session) => send(bearer(one))
  const sendRenewed = () => refresh(core, session).then(sendAs)
  // In the last tenth of its life. Where the clock was set back meanwhile, the server’s refusal tells.
  return core.now() - session.receivedAt < session.expiresIn * 900
    ? sendAs(session).then(answer => (answer.statusCode === 401 ? sendRenewed() : answer))
    : sendRenewed()
}

/** One in flight, whoever waits for it. @throws ClientError also `UNAUTHENTICATED`: it is another person's by now */
function refresh(core: Core, stale: Session): Promise<Session> {
  const { refreshToken } = stale
  const isCurrent = () => {
    const session = core.current()
    return session && session.refreshToken === refreshToken
  }
  return core
    .runRefresh(refreshToken, () => {
      if (!isCurrent()) return
      return call<TokenPair>(ask(core, '/token/refresh', { refreshToken })).then(
        pair => {
          if (isCurrent()) core.keep(pair)
        },
        (error: ClientError) => {
          if (!isCurrent()) return
          if (refusals.test(error.code)) core.replace(undefined, error)
          throw error
        },
      )
    })
    .then(() => {
      const session = core.current()
      if (isSamePerson(session, stale)) return session as Session
      throw createError('UNAUTHENTICATED')
    })
}
