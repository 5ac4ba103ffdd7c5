import { type OpenLogin, openLogin } from '@mplogin/server'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../support/api.js'
import { brokenInvariants } from '../support/invariants.js'
import {
  type Choice,
  LinkModel,
  type ModelAccount,
  type ModelRequest,
  type ModelSession,
} from '../support/link-model.js'
import { appA, appB, appC, type System, startSystem } from '../support/system.js'

/** A handful of people, phones and apps: enough for every rule of the table to meet every other. */
const people = [0, 1, 2]
const phones = [0, 1, 2, 3]
const apps = [appA, appB, appC]
/** Taps of the phone button; WeChat's own first quota is 1000. */
const phoneQuota = 1_000_000

type Step =
  | { readonly do: 'login'; readonly who: number; readonly app: number }
  | {
      readonly do: 'loginByPhone'
      readonly who: number
      readonly app: number
      readonly phone: number
      readonly choice: Choice
    }
  | { readonly do: 'phoneOnly'; readonly phone: number }
  | { readonly do: 'bind'; readonly session: number; readonly phone: number; readonly choice: Choice }
  | { readonly do: 'delete'; readonly session: number }
  | { readonly do: 'undo'; readonly merge: number }
  | { readonly do: 'wait'; readonly days: number }

const who = fc.constantFrom(...people)
const phone = fc.constantFrom(...phones)
const app = fc.nat(apps.length - 1)
const index = fc.nat(20)
const choice = fc.constantFrom<Choice>('use_phone_account', 'use_wechat_account', 'new_account')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('login' as const), who, app }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('loginByPhone' as const), who, app, phone, choice }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('phoneOnly' as const), phone }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('bind' as const), session: index, phone, choice }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), session: index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('undo' as const), merge: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constantFrom(1, 20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.constant(100) }) },
)

let system: System
let login: OpenLogin
beforeAll(async () => {
  // Sessions outlive the waits, so that old ones are used too.
  system = await startSystem({
    env: {
      RATE_LIMIT_PER_MINUTE: '0',
      REFRESH_TOKEN_TTL_DAYS: '3650',
      SESSION_MAX_DAYS: '3650',
      ACCESS_TOKEN_TTL_SECONDS: '86400',
    },
  })
  for (const app of apps) system.emulator.addApp({ ...app, phoneQuota })
  login = await openLogin(system.config, { clock: system.clock, database: system.database })
})
afterAll(async () => {
  await login.close()
  await system.close()
})

let runs = 0

/** One run: its own people and phones, in the one system. */
class Run {
  readonly model = new LinkModel()
  readonly tokens = new Map<ModelSession, { access: string; refresh: string }>()
  readonly #run = runs++

  async take(taken: Step): Promise<void> {
    switch (taken.do) {
      case 'wait':
        return system.advance({ days: taken.days })
      case 'login':
        return this.#login(taken.who, taken.app)
      case 'loginByPhone':
        return this.#loginByPhone(taken)
      case 'phoneOnly': {
        const code = this.#phoneCode(0, 0, taken.phone)
        return this.#compare({ claims: [this.#phone(taken.phone)] }, 0, () =>
          system.api.loginByPhone({ code, appid: appA.appid }),
        )
      }
      case 'bind':
        return this.#bind(taken)
      case 'delete':
        return this.#delete(taken.session)
      case 'undo':
        return this.#undo(taken.merge)
    }
  }

  #phone = (phone: number) => `phone ${phone}`
  #phoneNumber = (phone: number) => `139${String(this.#run).padStart(6, '0')}${String(phone).padStart(2, '0')}`
  #claims = (who: number, app: number) => [
    `openid ${app} ${who}`,
    ...(apps[app]?.openPlatform === undefined ? [] : [`unionid platform ${who}`]),
  ]

  #user(who: number, app: number, phone?: number) {
    return system.emulator.createUser({
      appid: apps[app]?.appid ?? '',
      openid: `o-${this.#run}-${app}-${who}`,
      ...(apps[app]?.openPlatform !== undefined && { unionid: `u-${this.#run}-${who}` }),
      ...(phone !== undefined && { phone: this.#phoneNumber(phone) }),
    })
  }
  #loginCode = (who: number, app: number) =>
    system.emulator.loginCode(this.#user(who, app).id, { appid: apps[app]?.appid ?? '' }).code
  #phoneCode = (who: number, app: number, phone: number) =>
    system.emulator.phoneCode(this.#user(who, app, phone).id, { appid: apps[app]?.appid ?? '' }).code

  async #login(who: number, app: number): Promise<void> {
    await this.#compare({ claims: this.#claims(who, app) }, app, () =>
      system.api.login({ code: this.#loginCode(who, app), appid: apps[app]?.appid }),
    )
  }

  async #loginByPhone({ who, app, phone, choice }: Step & { do: 'loginByPhone' }): Promise<void> {
    const claims = [...this.#claims(who, app), this.#phone(phone)]
    await this.#compare(
      { claims },
      app,
      () =>
        system.api.loginByPhone({
          code: this.#phoneCode(who, app, phone),
          loginCode: this.#loginCode(who, app),
          appid: apps[app]?.appid,
        }),
      choice,
    )
  }

  async #bind({ session: at, phone, choice }: Step & { do: 'bind' }): Promise<void> {
    const session = this.#liveSession(at)
    if (!session) return
    const app = Number(session.app)
    const standing = [...session.account.identities].filter(
      identity =>
        identity.startsWith(`openid ${app} `) ||
        (apps[app]?.openPlatform !== undefined && identity.startsWith('unionid ')),
    )
    const openid = standing.filter(identity => identity.startsWith('openid '))
    const who = Number(openid.length === 1 ? openid[0]?.split(' ')[2] : 0)
    const token = await this.#accessToken(session)
    const request = { claims: [...standing, this.#phone(phone)], signedIn: session.account }
    await this.#compare(
      request,
      app,
      () =>
        system.api.post('/bindPhone', { code: this.#phoneCode(who, app, phone) }, { token }) as Promise<Answer<never>>,
      choice,
      false,
    )
  }

  async #delete(at: number): Promise<void> {
    const session = this.#liveSession(at)
    if (!session) return
    const token = await this.#accessToken(session)
    expect((await system.api.request('DELETE', '/me', { token })).status).toBe(200)
    this.model.remove(session.account)
  }

  async #undo(at: number): Promise<void> {
    const { merges } = this.model
    const merge = merges[at % Math.max(1, merges.length)]
    if (!merge) return
    const rows = await login.listMerges({ accountId: merge.loser.key, limit: 1000 })
    const all = merges.filter(other => other.survivor === merge.survivor && other.loser === merge.loser)
    const found = rows
      .filter(row => row.survivorId === merge.survivor.key && row.loserId === merge.loser.key)
      .reverse()[all.indexOf(merge)]
    const isTooLate = system.clock().getTime() - (found?.mergedAt.getTime() ?? 0) > 30 * 86_400_000
    const undone = login.undoMerge(found?.id ?? '')
    if (!isTooLate && this.model.undo(merge)) await undone
    else await expect(undone).rejects.toMatchObject({ name: 'UndoRefusedError' })
  }

  /** Asks the service what the model foretold, resolves a conflict by the choice, and compares. */
  async #compare(
    request: Omit<ModelRequest, 'now'>,
    app: number,
    ask: () => Promise<Answer<{ user: { id: string }; outcome: string; accessToken?: string; refreshToken?: string }>>,
    choice?: Choice,
    startsSession = true,
  ): Promise<void> {
    const now = system.clock().getTime()
    const expected = this.model.expect({ ...request, now })
    const answer = await ask()
    if (expected.kind === 'signed-in') return this.#signedIn({ ...request, now }, expected, answer, app, startsSession)
    expect([answer.body.code, answer.body.choices]).toEqual([expected.code, expected.choices])
    if (choice === undefined || !expected.choices.includes(choice)) return
    const chosen = this.model.expect({ ...request, now, choice })
    const resolved = await system.api.post<{ user: { id: string }; outcome: string }>('/conflicts/resolve', {
      ticket: answer.body.ticket,
      choice,
    })
    if (chosen.kind !== 'signed-in') throw new Error('the model does not know this choice')
    this.#signedIn({ ...request, now }, chosen, resolved, app, true)
  }

  #signedIn(
    request: ModelRequest,
    expected: { kind: 'signed-in'; outcome: string; account: ModelAccount | 'new' },
    answer: Answer<{ user: { id: string }; outcome: string; accessToken?: string; refreshToken?: string }>,
    app: number,
    startsSession: boolean,
  ): void {
    expect(answer.body).toMatchObject({ code: 'OK', data: { outcome: expected.outcome } })
    const { user, accessToken = '', refreshToken = '' } = answer.body.data
    if (expected.account !== 'new') expect(user.id).toBe(expected.account.key)
    const account = this.model.apply(request, expected, user.id)
    if (startsSession)
      this.tokens.set(this.model.begin(account, String(app)), { access: accessToken, refresh: refreshToken })
  }

  #liveSession(at: number): ModelSession | undefined {
    const live = this.model.sessions.filter(session => session.isLive)
    return live[at % Math.max(1, live.length)]
  }

  async #accessToken(session: ModelSession): Promise<string> {
    const tokens = this.tokens.get(session)
    const answer = await system.api.post<{ accessToken: string; refreshToken: string }>('/token/refresh', {
      refreshToken: tokens?.refresh,
    })
    expect(answer.status).toBe(200)
    this.tokens.set(session, { access: answer.body.data.accessToken, refresh: answer.body.data.refreshToken })
    session.account.lastSeen = system.clock().getTime()
    return answer.body.data.accessToken
  }

  /** Who owns what in the database is who owns what in the model; every live session leads to its account. */
  async check(): Promise<void> {
    const { db } = system.database
    const keys = [
      ...new Set([...this.model.accounts, ...this.model.merges.flatMap(m => [m.loser, m.survivor])].map(a => a.key)),
    ]
    if (keys.length === 0) return
    const rows = await db
      .selectFrom('identities')
      .select(['account_id', 'kind', 'scope', 'subject'])
      .where('account_id', 'in', keys)
      .execute()
    const stored = new Map(keys.map(key => [key, { wechat: new Set<string>(), phones: 0 }]))
    for (const { account_id, kind, scope, subject } of rows) {
      const account = stored.get(account_id)
      if (kind === 'phone' && account) account.phones++
      else if (kind === 'openid')
        account?.wechat.add(`openid ${apps.findIndex(a => a.appid === scope)} ${subject.split('-')[3]}`)
      else account?.wechat.add(`unionid platform ${subject.split('-')[2]}`)
    }
    for (const { key, identities } of this.model.accounts) {
      const modelled = [...identities]
      expect([...(stored.get(key)?.wechat ?? [])].sort()).toEqual(modelled.filter(i => !i.startsWith('phone')).sort())
      expect(stored.get(key)?.phones).toBe(modelled.filter(i => i.startsWith('phone')).length)
    }
    const active = new Set(this.model.accounts.map(account => account.key))
    for (const [key, { wechat, phones }] of stored)
      if (!active.has(key)) expect([key, wechat.size + phones]).toEqual([key, 0])
  }
}

describe('any sequence of logins, binds, choices, merges, undos, deletions and waits', () => {
  it('leaves the accounts that a small model of the design foretells, step by step', { timeout: 240_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async steps => {
        const run = new Run()
        for (const taken of steps) {
          await run.take(taken)
          await run.check()
        }
      }),
      {
        numRuns: Number(process.env.MODEL_RUNS ?? 40),
        ...(process.env.MODEL_SEED && { seed: Number(process.env.MODEL_SEED) }),
      },
    )
    expect(await brokenInvariants(system.database)).toEqual([])
  })
})
