import { ask, bearer, call, callAs, type Send } from './api.js'
import type { Core } from './core.js'
import type { ClientError, ConflictError } from './errors.js'
import { type PhoneEvent, readProof } from './phone-event.js'
import type { ConflictChoice, PhoneBound, SignedIn, TokenPair, User } from './types.js'

declare function setTimeout(work: () => void, ms: number): unknown

type LoginAnswer = SignedIn & TokenPair

/** WeChat's norm for wx.login: 4 calls a second at most. */
const spacingMs = 300

/** Of codes; an older one is not sent again. */
const codeLifeMs = 300_000

/** Before there was a conflict: no ticket that the server would take. */
const noTicket = '-'

/** The ways to be signed in, of which one at a time is under way. */
export function createSignIn(core: Core) {
  /** Of wx.login, not yet sent. */
  let code: string | undefined
  let pause: Promise<unknown> = Promise.resolve()
  /** What was sent last and not answered. */
  let lastProof: string | undefined
  let lastSend: Send
  let lastAt: number
  let ticket = noTicket
  /** Whom the server has confirmed since this start. */
  let confirmedId: string | undefined

  function prepare(): Promise<void> {
    return pause
      .then(() => {
        pause = new Promise<void>(resolve => setTimeout(resolve, spacingMs))
        return core.platform.login({ timeout: core.timeoutMs })
      })
      .then(login => {
        code = login.code
      })
  }

  /** All tries of an attempt send the same codes under one key: to the server they are one. */
  function attemptOf(path: string, proof: object, field: string | undefined): Promise<Send> {
    const wanted = path + JSON.stringify(proof)
    if (lastProof === wanted && core.now() - lastAt < codeLifeMs) return Promise.resolve(lastSend)
    return Promise.resolve(field && !code && prepare()).then(() => {
      const body = Object.assign({}, proof, field && { appid: core.appid, [field]: code })
      if (field) code = undefined
      lastProof = wanted
      lastAt = core.now()
      lastSend = ask(core, path, body, 'POST', { 'Idempotency-Key': `${Math.random()}${Math.random()}` })
      return lastSend
    })
  }

  /**
   * Sends a proof: once more with the same codes and key when the answer was lost, and with new codes when WeChat does not
   * know the login code (in a weak network phones give one that was used before). The ticket of a conflict is kept.
   *
   * @param field where the code of wx.login goes; empty when there is none; left out, the signed-in person sends it
   */
  function exchange<Answer>(path: string, proof: object, field?: string, isLast?: boolean): Promise<Answer> {
    return attemptOf(path, proof, field)
      .then(send => (field === undefined ? callAs<Answer>(core, send) : call<Answer>(send)))
      .catch((error: ClientError) => {
        // Decided: not by a portal in between, nor a server in trouble or too busy, which may keep what it got for a code.
        if ((error.status as number) < 500 && !/^(BAD_A|RATE)/.test(error.code)) lastProof = undefined
        ticket = (error as ConflictError).ticket || ticket
        if (isLast || !/^(NETW|WECHAT_CODE_)/.test(error.code)) throw error
        return exchange<Answer>(path, proof, field, true)
      })
  }

  function login(path: string, proof: object, field: string): Promise<SignedIn> {
    return exchange<LoginAnswer>(path, proof, field).then(answer => {
      const { user, isNewUser, outcome } = answer
      const before = core.current()
      ticket = noTicket
      lastProof = undefined
      confirmedId = user.id
      core.keep(answer)
      // Else the list of devices had this one twice. Its token may be old by now.
      if (before) {
        const { refreshToken } = before
        call<TokenPair>(ask(core, '/token/refresh', { refreshToken }))
          .then(pair => ask(core, '/logout', {})(bearer(pair)))
          .catch(() => undefined)
      }
      return { user, isNewUser, outcome }
    })
  }

  const loginByCode = () => login('/login', {}, 'code')

  function loadUser(): Promise<User> {
    return callAs<{ user: User }>(core, ask(core, '/me')).then(({ user }) => {
      confirmedId = user.id
      return user
    })
  }

  function resume<Otherwise>(otherwise: () => Otherwise): Otherwise | Promise<SignedIn | Awaited<Otherwise>> {
    const session = core.current()
    if (!session) return otherwise()
    const { user } = session
    return Promise.resolve(user.id === confirmedId ? user : loadUser()).then<SignedIn, Awaited<Otherwise>>(
      confirmed => ({ user: confirmed, isNewUser: false, outcome: 'existing' }),
      error => {
        if (core.current()) throw error
        return otherwise() as Awaited<Otherwise>
      },
    )
  }

  return {
    /**
     * The stored session, once the server has confirmed it; undefined when there is none. For the launch of an app: it
     * signs nobody in.
     *
     * @throws ClientError `NETWORK`, `TIMEOUT`, …: the session is kept
     */
    resume: (): Promise<SignedIn | undefined> => core.run('resume', () => resume(() => undefined)),

    /**
     * The stored session, once the server has confirmed it; else a new one by `wx.login`. The user is not asked.
     *
     * @throws ClientError `LOGIN_FAILED`, `NETWORK`, `WECHAT_USER_BLOCKED`, `ACCOUNT_DISABLED`, …
     */
    signIn: (): Promise<SignedIn> => core.run('signIn', () => resume(loginByCode)),

    /**
     * Asks the server anew who is signed in: another device may have changed the profile, or bound the phone.
     *
     * @throws ClientError `UNAUTHENTICATED` nobody is · `NETWORK`, `TIMEOUT`, …: what is known stays
     */
    loadUser: (): Promise<User> => core.run('load', loadUser),

    /**
     * Signs in with the event of the phone button (`getPhoneNumber` or `getRealtimePhoneNumber`): both codes in one call,
     * so that WeChat checks that they belong to one person. Called again with the same event, it is the same sign-in.
     *
     * @throws ClientError `USER_REFUSED`, `NOT_PERMITTED`, `QUOTA_USED_UP`, …: what the button said · `ACCOUNT_CONFLICT`,
     * `PHONE_MAY_BE_RECYCLED`: let the user choose one of `error.choices`
     */
    signInWithPhone: (event: PhoneEvent): Promise<SignedIn> =>
      core.run('phone', () => login('/loginByPhone', readProof(event), 'loginCode')),

    /**
     * Fetches the code of `wx.login` before the user taps the phone button. Needed on base libraries before 2.21.2, whose
     * button gives encrypted data: call it when the page shows.
     *
     * @throws ClientError `LOGIN_FAILED`, …
     */
    preparePhone: (): Promise<void> => core.run('prepare', prepare),

    /**
     * Gives the signed-in account the phone of the button.
     *
     * @throws as `signInWithPhone` · ClientError `UNAUTHENTICATED` · `PHONE_ALREADY_BOUND`
     */
    bindPhone: (event: PhoneEvent): Promise<PhoneBound> =>
      core.run('bind', () => exchange<PhoneBound>('/bindPhone', readProof(event))),

    /**
     * Carries out what the user chose after a conflict, and signs in.
     *
     * @throws ClientError `TICKET_INVALID` five minutes have passed, or there was no conflict
     */
    resolveConflict: (choice: ConflictChoice): Promise<SignedIn> =>
      core.run(choice, () =>
        login('/conflicts/resolve', { ticket, choice }, '').catch((error: ClientError) => {
          // The answer was lost: WeChat is with the account that was chosen.
          if (error.code === 'TICKET_USED') return loginByCode()
          throw error
        }),
      ),
  }
}
