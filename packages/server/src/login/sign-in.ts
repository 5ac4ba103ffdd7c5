import type { LoginAnswer, LoginByPhoneRequest, LoginRequest } from '@mplogin/contract'
import type { CloudIdentity, PhoneNumber, Wechat } from '@mplogin/wechat'
import type { Claim } from '../accounts/identity.js'
import { phoneClaim } from '../accounts/phone-number.js'
import { getUser, toUser } from '../accounts/profile.js'
import type { Clock } from '../clock.js'
import { secondMs } from '../clock.js'
import { LoginError } from '../errors.js'
import type { Keyring } from '../keyring.js'
import type { Sessions } from '../sessions/sessions.js'
import type { Database } from '../store/database.js'
import type { Answers } from './answers.js'
import type { App, Apps } from './apps.js'
import type { RequestContext } from './context.js'
import { startCountdown } from './countdown.js'
import type { Idempotency, LoginAttempt, RepeatedLogin } from './idempotency.js'
import type { AskOnce, KeptAnswers } from './kept-answers.js'
import type { LinkPerson } from './link-person.js'
import type { SignInQuickly } from './quick-sign-in.js'
import { askWechat, codeKinds } from './wechat-failures.js'

/** The time a whole login may take, all calls to WeChat included. */
export const loginTimeoutMs = 8 * secondMs

export interface SignInDeps {
  database: Database
  keyring: Keyring
  clock: Clock
  apps: Apps
  sessions: Sessions
  answers: Answers
  idempotency: Idempotency
  keptAnswers: KeptAnswers
  linkPerson: LinkPerson
  signInQuickly: SignInQuickly
}

/** What the logins differ in, besides how they prove who it is. */
interface LoginSteps {
  readonly app: App
  readonly codes: readonly string[]
  /** Whether an earlier try is looked for first: a code cost money, or there is none that WeChat would know as used. */
  readonly looksForFormer: boolean
  readonly context: RequestContext
}

/** The logins: codes → claims → account → session. */
export function createSignIn(deps: SignInDeps) {
  const { database, keyring, clock, apps, sessions, answers, idempotency, keptAnswers, linkPerson, signInQuickly } =
    deps

  /**
   * Logs in by openid.
   *
   * @throws LoginError of the route `login` in the contract
   */
  async function login({ code, appid }: LoginRequest, context: RequestContext): Promise<LoginAnswer> {
    const app = apps.get(appid)
    return signIn({ app, codes: [code], looksForFormer: false, context }, async (ask, leftMs) => {
      const session = await exchangeLoginCode(app, ask, code, leftMs)
      return wechatClaims(app, session)
    })
  }

  /**
   * Logs in by phone; with `loginCode` both are proven and WeChat checks that they belong to one user.
   *
   * @throws LoginError of the route `loginByPhone` in the contract
   */
  async function loginByPhone(request: LoginByPhoneRequest, context: RequestContext): Promise<LoginAnswer> {
    const app = apps.get(request.appid)
    const proof = parsePhoneProof(request)
    const codes = 'code' in proof ? [proof.code, proof.loginCode ?? ''] : [proof.encryptedData, proof.loginCode]
    return signIn({ app, codes, looksForFormer: true, context }, async (ask, leftMs) => {
      if (!('code' in proof)) {
        const session = await exchangeLoginCode(app, ask, proof.loginCode, leftMs)
        const phone = await askWechat(codeKinds.phoneCode, proof.encryptedData, async () =>
          app.wechat.decryptPhoneNumber({ ...proof, sessionKey: session.sessionKey }),
        )
        return [...wechatClaims(app, session), phoneClaim(keyring, phone)]
      }
      // The access token does not depend on the login code: both are fetched side by side. A token that cannot be had
      // fails the login only when the answer to its code is known, and kept.
      const token = askWechat(codeKinds.phoneCode, proof.code, () =>
        app.wechat.accessToken.get({ timeoutMs: leftMs() }),
      )
      token.catch(() => undefined)
      const session =
        proof.loginCode === undefined ? undefined : await exchangeLoginCode(app, ask, proof.loginCode, leftMs)
      await token
      const phone = await tradePhoneCode(app, ask, proof.code, { openid: session?.openid, leftMs })
      return [...(session ? wechatClaims(app, session) : []), phoneClaim(keyring, phone)]
    })
  }

  /**
   * Logs in whom the gateway of WeChat cloud hosting names in its headers; it has asked WeChat already.
   *
   * @throws LoginError APP_UNKNOWN · as `login`, but for its codes
   */
  function loginByCloud(identity: CloudIdentity, context: RequestContext): Promise<LoginAnswer> {
    const app = apps.get(identity.appid)
    const codes = ['cloud', identity.openid]
    return signIn({ app, codes, looksForFormer: true, context }, async () => wechatClaims(app, identity))
  }

  /** The steps all logins share. */
  function signIn(
    { app, codes, looksForFormer, context }: LoginSteps,
    prove: (ask: AskOnce, leftMs: () => number) => Promise<Claim[]>,
  ): Promise<LoginAnswer> {
    const attempt = idempotency.attemptOf(context.idempotencyKey, [app.appid, ...codes])
    return idempotency.oneByOne(attempt, async () => {
      // A login code is new to WeChat, or the failure tells that it is not.
      const repeated = attempt && looksForFormer && (await idempotency.findRepeated(attempt))
      if (repeated) return answerRepeated(repeated)
      try {
        return await keptAnswers.during(context.idempotencyKey, async ask => {
          const claims = await prove(ask, startCountdown(loginTimeoutMs))
          return establish(app, claims, attempt, context)
        })
      } catch (error) {
        const former = attempt && (await findFormer(attempt, error))
        if (!former) throw error
        return answerRepeated(former)
      }
    })
  }

  /** The session of an earlier try, when WeChat's failure may mean that there was one. */
  function findFormer(attempt: LoginAttempt, error: unknown): Promise<RepeatedLogin | undefined> | undefined {
    if (isCodeSpent(error)) return idempotency.awaitSibling(attempt)
    return isFailureOfWechat(error) ? idempotency.findRepeated(attempt) : undefined
  }

  /** Account and session in one transaction; nothing is answered before its commit. */
  async function establish(
    app: App,
    claims: Claim[],
    attempt: LoginAttempt | undefined,
    context: RequestContext,
  ): Promise<LoginAnswer> {
    const now = clock()
    const { device, address } = context
    const newSession = { appid: app.appid, device, address, idempotency: attempt }
    const quick = await signInQuickly({ claims, session: newSession, now, language: context.language, address })
    if (quick) return answers.loginAnswer({ ...quick, user: toUser(keyring, quick.profile) })
    const established = await database.transact(async tx => {
      const repeated = attempt && (await idempotency.findRepeated(attempt, tx))
      if (repeated) return repeated
      const { accountId, outcome } = await linkPerson(tx, { appid: app.appid, claims }, { ...context, now })
      const session = await sessions.start(tx, { ...newSession, accountId, outcome }, now)
      return { user: await getUser(tx, keyring, accountId), session, outcome }
    })
    return 'session' in established ? answers.loginAnswer(established) : answerRepeated(established)
  }

  /** The answer of an earlier try of the same login, again. */
  async function answerRepeated({ sessionId, outcome }: RepeatedLogin): Promise<LoginAnswer> {
    const session = await sessions.find(database.db, sessionId)
    if (!session) throw new LoginError('SESSION_REVOKED', 'the session of this login is gone')
    if (session.accountStatus === 'disabled') throw new LoginError('ACCOUNT_DISABLED', 'the account is disabled')
    return answers.loginAnswer({ user: await getUser(database.db, keyring, session.accountId), session, outcome })
  }

  return { login, loginByPhone, loginByCloud }
}

/** Trades a login code, once for all tries of one request. */
function exchangeLoginCode(
  app: App,
  ask: AskOnce,
  code: string,
  leftMs: () => number,
): ReturnType<Wechat['exchangeCode']> {
  return ask(`${app.appid}\n${code}`, () =>
    askWechat(codeKinds.loginCode, code, () => app.wechat.exchangeCode(code, { timeoutMs: leftMs() })),
  )
}

/**
 * Trades a phone code, once for all tries of one request: the user's tap was paid for. An answer that was kept is given
 * only to whom WeChat's check of the openid let have it: the same openid, or the same session.
 */
export function tradePhoneCode(
  app: App,
  ask: AskOnce,
  code: string,
  { openid, askedBy = '', leftMs }: { openid?: string | undefined; askedBy?: string; leftMs: () => number },
): Promise<PhoneNumber> {
  return ask([app.appid, code, openid ?? '', askedBy].join('\n'), () =>
    askWechat(codeKinds.phoneCode, code, () =>
      app.wechat.getPhoneNumber(code, { timeoutMs: leftMs(), ...(openid !== undefined && { openid }) }),
    ),
  )
}

function wechatClaims(app: App, { openid, unionid }: { openid: string; unionid?: string | undefined }): Claim[] {
  const claims: Claim[] = [{ kind: 'openid', scope: app.appid, subject: openid }]
  if (unionid === undefined) return claims
  const aliases = (app.formerPlatforms ?? []).map(scope => ({ kind: 'unionid', scope, subject: unionid }) as const)
  return [...claims, { kind: 'unionid', scope: app.platform, subject: unionid, aliases }]
}

function isFailureOfWechat(error: unknown): boolean {
  return error instanceof LoginError && error.code.startsWith('WECHAT_') && error.status >= 500
}

function isCodeSpent(error: unknown): boolean {
  return (
    error instanceof LoginError &&
    ['WECHAT_CODE_USED', 'WECHAT_CODE_INVALID', 'PHONE_CODE_INVALID'].includes(error.code)
  )
}

type PhoneProof =
  | { code: string; loginCode: string | undefined }
  | { encryptedData: string; iv: string; loginCode: string }

function parsePhoneProof({ code, loginCode, encryptedData, iv }: LoginByPhoneRequest): PhoneProof {
  if (code !== undefined) return { code, loginCode }
  if (encryptedData !== undefined && iv !== undefined && loginCode !== undefined)
    return { encryptedData, iv, loginCode }
  throw new LoginError('BAD_REQUEST', 'neither a phone code nor encrypted data', {
    details: [{ path: '/code', message: 'expected the code of the phone button (or encryptedData, iv and loginCode)' }],
  })
}
