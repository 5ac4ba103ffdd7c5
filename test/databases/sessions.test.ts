import type { LoginAnswer, TokenPair } from '@mplogin/contract'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Api } from '../support/api.js'
import { type Fleet, startFleet } from '../support/fleet.js'
import { brokenInvariants } from '../support/invariants.js'

const sessionsPerAccount = 4

/** Two processes: what one is told, the other must know. */
let fleet: Fleet
let here: Api
let sibling: Api
beforeAll(async () => {
  fleet = await startFleet(2, { SESSIONS_PER_ACCOUNT: String(sessionsPerAccount) })
  ;[here, sibling] = fleet.servers.map(({ api }) => api) as [Api, Api]
})
afterAll(async () => {
  expect(await brokenInvariants(fleet.database)).toEqual([])
  for (const { process } of fleet.servers) expect(process.output()).not.toMatch(/"level":(50|60)/)
  await fleet.close()
})

type Person = ReturnType<Fleet['person']>
let phones = 13_700_000_000
const newPhone = () => String(phones++)
const signIn = async (lin: Person) => (await here.login({ code: lin.loginCode() })).body.data
const refresh = (api: Api, refreshToken: string) => api.post<TokenPair>('/token/refresh', { refreshToken })
const me = (api: Api, token: string) => api.get<{ user: { id: string } }>('/me', token)
const codeOf = ({ status, body }: Answer<unknown>) => `${status} ${body.code}`
const setStatus = (id: string, status: 'active' | 'disabled') =>
  fleet.database.transact(tx => tx.updateTable('accounts').set({ status }).where('id', '=', id).execute())

/** Asks the sibling for the account of a token again and again. */
async function watch(token: string) {
  const asked: { at: number; code: string }[] = []
  let isWatching = true
  const ask = async () => {
    const at = performance.now()
    asked.push({ at, code: codeOf(await me(sibling, token)) })
  }
  await ask()
  const loop = (async () => {
    while (isWatching) await ask()
  })()
  return {
    /** What was answered to every question that was put after this moment. */
    async answersFrom(moment: number): Promise<string[]> {
      while ((asked.at(-1)?.at ?? 0) <= moment) await new Promise(resolve => setTimeout(resolve, 5))
      isWatching = false
      await loop
      return [...new Set(asked.filter(({ at }) => at > moment).map(({ code }) => code))]
    },
  }
}

/** A way that sessions end: which of two devices end, and what their holders are told. */
interface Ending {
  readonly title: string
  readonly ends: readonly ('phone' | 'tablet')[]
  readonly code?: string
  readonly refreshCode?: string
  readonly carryOut: (session: { phone: LoginAnswer; tablet: LoginAnswer; person: Person }) => Promise<unknown>
}

const endings: Ending[] = [
  {
    title: 'log-out',
    ends: ['phone'],
    carryOut: ({ phone }) => here.post('/logout', {}, { token: phone.accessToken }),
  },
  {
    title: 'log-out everywhere',
    ends: ['phone', 'tablet'],
    carryOut: ({ tablet }) => here.post('/logout', { everywhere: true }, { token: tablet.accessToken }),
  },
  {
    title: 'the list of devices',
    ends: ['phone'],
    carryOut: ({ phone, tablet }) =>
      here.request('DELETE', `/me/sessions/${decodeJwt(phone.accessToken).sid}`, { token: tablet.accessToken }),
  },
  {
    title: 'the deletion of the account',
    ends: ['phone', 'tablet'],
    carryOut: ({ tablet }) => here.request('DELETE', '/me', { token: tablet.accessToken }),
  },
  {
    title: 'the disabling of the account',
    ends: ['phone', 'tablet'],
    code: '403 ACCOUNT_DISABLED',
    carryOut: ({ phone }) => setStatus(phone.user.id, 'disabled'),
  },
  {
    title: 'one device too many: the one unused longest',
    ends: ['phone'],
    async carryOut({ tablet, person }) {
      await refresh(here, tablet.refreshToken)
      for (let devices = 2; devices <= sessionsPerAccount; devices++) await signIn(person)
    },
  },
  {
    title: 'a stolen token',
    ends: ['phone'],
    refreshCode: '401 REFRESH_REUSED',
    async carryOut({ phone }) {
      const second = (await refresh(here, phone.refreshToken)).body.data
      await refresh(here, second.refreshToken)
      expect(codeOf(await refresh(here, phone.refreshToken))).toBe('401 REFRESH_REUSED')
    },
  },
]

describe('a session that is ended on one process', { timeout: 60_000 }, () => {
  it.each(endings)('by $title is refused by its sibling at once', async ending => {
    const { ends, code = '401 SESSION_REVOKED', refreshCode = code, carryOut } = ending
    const person = fleet.person()
    const phone = await signIn(person)
    const tablet = await signIn(person)
    const watched = await watch(phone.accessToken)
    await carryOut({ phone, tablet, person })
    expect(await watched.answersFrom(performance.now())).toEqual([code])

    for (const [name, device] of Object.entries({ phone, tablet })) {
      const isEnded = ends.some(one => one === name)
      expect([name, codeOf(await me(sibling, device.accessToken))]).toEqual([name, isEnded ? code : '200 OK'])
      expect([name, codeOf(await refresh(sibling, device.refreshToken))]).toEqual([
        name,
        isEnded ? refreshCode : '200 OK',
      ])
    }
  })
})

describe('the cap of sessions', { timeout: 60_000 }, () => {
  it('holds while people sign in on many devices at once, on two processes, and each of them keeps the last one', async () => {
    const people = Array.from({ length: 5 }, () => fleet.person())
    await Promise.all(people.map(signIn))
    for (let round = 0; round < 4; round++) {
      const logins = people.flatMap(person =>
        Array.from({ length: 6 }, () => fleet.api().login({ code: person.loginCode() })),
      )
      expect(new Set((await Promise.all(logins)).map(codeOf))).toEqual(new Set(['200 OK']))
    }
    for (const person of people) {
      const last = await signIn(person)
      const { sessions } = (await here.get<{ sessions: { id: string }[] }>('/me/sessions', last.accessToken)).body.data
      expect(sessions).toHaveLength(sessionsPerAccount)
      expect(sessions[0]?.id).toBe(decodeJwt(last.accessToken).sid)
    }
    const ended = await fleet.database.db
      .selectFrom('sessions')
      .select('revoked_why')
      .where('revoked_at', 'is not', null)
      .execute()
    expect(ended.filter(({ revoked_why: why }) => why === 'session_cap').length).toBeGreaterThanOrEqual(5 * 21)
  })
})

describe('a refresh', { timeout: 60_000 }, () => {
  it('that fifty requests ask for at once, of two processes, ends with one usable pair', async () => {
    const { refreshToken } = await signIn(fleet.person())
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(fleet.api(), refreshToken)))
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['200 OK']))
    const [successor, ...more] = new Set(answers.map(({ body }) => body.data.refreshToken))
    expect(more).toEqual([])
    for (const { body } of answers) expect((await me(fleet.api(), body.data.accessToken)).status).toBe(200)
    expect(codeOf(await refresh(sibling, successor ?? ''))).toBe('200 OK')
  })

  it('of a disabled account is refused and spends nothing: enabled again, the same tokens work', async () => {
    const { user, accessToken, refreshToken } = await signIn(fleet.person())
    await setStatus(user.id, 'disabled')
    for (const api of [here, sibling, here]) {
      expect(codeOf(await refresh(api, refreshToken))).toBe('403 ACCOUNT_DISABLED')
      expect(codeOf(await me(api, accessToken))).toBe('403 ACCOUNT_DISABLED')
    }
    await setStatus(user.id, 'active')
    expect(codeOf(await me(sibling, accessToken))).toBe('200 OK')
    const next = await refresh(sibling, refreshToken)
    expect(codeOf(next)).toBe('200 OK')
    expect(codeOf(await refresh(here, next.body.data.refreshToken))).toBe('200 OK')
  })

  /** Two accounts of one person, merged by a login that proves both; the younger one is the loser. */
  async function merge() {
    const person = fleet.person(newPhone())
    const survivor = await signIn(person)
    const loser = (await here.loginByPhone({ code: person.phoneCode() })).body.data
    const merged = (await here.loginByPhone({ code: person.phoneCode(), loginCode: person.loginCode() })).body.data
    expect([merged.outcome, merged.user.id]).toEqual(['merged', survivor.user.id])
    return { survivor, loser }
  }

  it('of an account that was merged works, and from then on tells of the survivor', async () => {
    const { survivor, loser } = await merge()
    expect(decodeJwt(loser.accessToken).sub).toBe(loser.user.id)
    let held: TokenPair = loser
    for (const api of [sibling, here]) {
      const answer = await refresh(api, held.refreshToken)
      expect(codeOf(answer)).toBe('200 OK')
      held = answer.body.data
      const before = decodeJwt(loser.accessToken)
      expect(decodeJwt(held.accessToken)).toMatchObject({
        ...{ sub: survivor.user.id, sid: before.sid, appid: before.appid },
      })
      expect((await me(api, held.accessToken)).body.data.user.id).toBe(survivor.user.id)
    }
  })

  it('after the merge was undone tells of the account that it began with', async () => {
    const { survivor, loser } = await merge()
    const merged = (await refresh(sibling, loser.refreshToken)).body.data
    const { id } = await fleet.database.db
      .selectFrom('merges')
      .select('id')
      .where('loser_id', '=', loser.user.id)
      .executeTakeFirstOrThrow()
    const undone = await fleet.run('merges', 'undo', id)
    expect([undone.code, undone.output]).toEqual([0, expect.any(String)])
    const own = await refresh(sibling, merged.refreshToken)
    expect(decodeJwt(own.body.data.accessToken).sub).toBe(loser.user.id)
    const other = await refresh(sibling, survivor.refreshToken)
    expect(decodeJwt(other.body.data.accessToken).sub).toBe(survivor.user.id)
  })

  it('of an account whose survivor was disabled or deleted is refused as the survivor is', async () => {
    const first = await merge()
    await setStatus(first.survivor.user.id, 'disabled')
    expect(codeOf(await refresh(sibling, first.loser.refreshToken))).toBe('403 ACCOUNT_DISABLED')
    await setStatus(first.survivor.user.id, 'active')
    expect(codeOf(await refresh(sibling, first.loser.refreshToken))).toBe('200 OK')

    const second = await merge()
    await here.request('DELETE', '/me', { token: second.survivor.accessToken })
    for (const { refreshToken } of [second.loser, second.survivor])
      expect(codeOf(await refresh(sibling, refreshToken))).toBe('401 SESSION_REVOKED')
  })
})
