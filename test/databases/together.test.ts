import { randomUUID } from 'node:crypto'
import type { Statement } from '@mplogin/server'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { databaseKind } from '../support/databases.js'
import { type System, startSystem } from '../support/system.js'

let system: System
const statements: Statement[] = []
beforeAll(async () => {
  system = await startSystem({ database: { onStatement: statement => statements.push(statement) } })
})
afterAll(() => system.close())
beforeEach(() => {
  statements.length = 0
})

const count = 24
let serial = 0
const newPeople = (size = count) => Array.from({ length: size }, () => system.person(`1377777${1000 + serial++}`))
const both = (person: ReturnType<System['person']>) => ({ code: person.phoneCode(), loginCode: person.loginCode() })
const withKey = (key: string = randomUUID()) => ({ headers: { 'idempotency-key': key } })
const written = () => statements.filter(({ sql }) => /\binsert into\b/.test(sql)).length

/** Of an account: what a login leaves behind, each by its count. */
async function traces(accountId: string) {
  const { db } = system.database
  const countOf = async (table: 'identities' | 'sessions' | 'outbox' | 'audit') =>
    (await db.selectFrom(table).select('id').where('account_id', '=', accountId).execute()).length
  return {
    identities: await countOf('identities'),
    sessions: await countOf('sessions'),
    events: await countOf('outbox'),
    audit: await countOf('audit'),
  }
}

describe('logins of one turn', () => {
  it('are written together, and each person gets all that is theirs', async () => {
    const people = newPeople()
    const first = await Promise.all(people.map(person => system.api.loginByPhone(both(person), withKey())))
    expect(first.map(answer => answer.body.data.outcome)).toEqual(Array(count).fill('created'))
    // One by one they would take five each. (What SQLite is asked it answers within the turn: few come together.)
    expect(written()).toBeLessThan((databaseKind === 'sqlite' ? 5 : 3) * count)
    statements.length = 0

    const again = await Promise.all(people.map(person => system.api.login({ code: person.loginCode() }, withKey())))
    expect(again.map(answer => answer.body.data.outcome)).toEqual(Array(count).fill('existing'))
    expect(written()).toBeLessThan(databaseKind === 'sqlite' ? count + 1 : count)

    const ids = first.map(answer => answer.body.data.user.id)
    expect(new Set(ids).size).toBe(count)
    expect(again.map(answer => answer.body.data.user)).toEqual(first.map(answer => answer.body.data.user))
    for (const id of ids) expect(await traces(id)).toEqual({ identities: 2, sessions: 2, events: 1, audit: 1 })
    const sessions = new Set([...first, ...again].map(answer => answer.body.data.refreshToken))
    expect(sessions.size).toBe(2 * count)
  })

  /** The second of them uses the key of the first one's login with a code of their own, while all others log in. */
  async function loginBesideMistaken(people: ReturnType<typeof newPeople>) {
    const used = randomUUID()
    const [earlier, mistaken, ...others] = people
    if (!earlier || !mistaken) throw new Error('nobody there')
    await system.api.login({ code: earlier.loginCode() }, withKey(used))
    const refused = system.api.login({ code: mistaken.loginCode() }, withKey(used))
    const answers = Promise.all(others.map(person => system.api.login({ code: person.loginCode() }, withKey())))
    expect(await refused).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } })
    return { mistaken, answers: await answers }
  }

  it('fail each by itself, among people who are new', async () => {
    const { mistaken, answers } = await loginBesideMistaken(newPeople())
    for (const { status, body } of answers) {
      expect([status, body.data.outcome]).toEqual([200, 'created'])
      expect(await traces(body.data.user.id)).toEqual({ identities: 1, sessions: 1, events: 1, audit: 1 })
    }
    // Nothing of who was refused is left: the next try is the first.
    expect((await system.api.login({ code: mistaken.loginCode() })).body.data.outcome).toBe('created')
  })

  it('fail each by itself, among people who come back', async () => {
    const people = newPeople()
    for (const person of people) await person.login()
    const { answers } = await loginBesideMistaken(people)
    for (const { status, body } of answers) {
      expect([status, body.data.outcome]).toEqual([200, 'existing'])
      expect(await traces(body.data.user.id)).toMatchObject({ sessions: 2 })
    }
  })

  it.skipIf(databaseKind === 'sqlite')('wait each for their own account only', async () => {
    const [held, ...others] = newPeople(12)
    if (!held) throw new Error('nobody there')
    const { id } = (await held.login()).body.data.user
    for (const person of others) await person.login()
    let release = () => {}
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    let isHeld = () => {}
    const holding = new Promise<void>(resolve => {
      isHeld = resolve
    })
    const change = system.database.transact(async tx => {
      await tx.selectFrom('accounts').select('id').where('id', '=', id).forUpdate().execute()
      isHeld()
      await released
    })
    await holding
    let isDone = false
    const own = held.login().finally(() => {
      isDone = true
    })
    const answers = await Promise.all(others.map(person => person.login()))
    expect(answers.map(({ status }) => status)).toEqual(Array(11).fill(200))
    expect(isDone).toBe(false)
    release()
    await change
    expect((await own).body.data).toMatchObject({ outcome: 'existing', user: { id } })
  })

  it('answer nobody before the commit: whoever was answered is found by another connection at once', async () => {
    const people = newPeople()
    await Promise.all(
      people.map(async person => {
        const { user } = (await system.api.login({ code: person.loginCode() })).body.data
        const stored = await system.database.db.selectFrom('accounts').select('id').where('id', '=', user.id).execute()
        expect(stored).toHaveLength(1)
      }),
    )
  })
})
