import { prepareNewcomers } from '../accounts/create-newcomers.js'
import { identityKey } from '../accounts/identity.js'
import type { Keyring } from '../keyring.js'
import { holdCurrentSecret } from '../ops/current-secret.js'
import type { Sessions } from '../sessions/sessions.js'
import { createBatch } from '../store/batch.js'
import type { Database } from '../store/database.js'
import { insertAll, insertsTogether, type TableRows } from '../store/given-rows.js'
import type { LoginFacts, SignedIn } from './login-facts.js'

/**
 * The login of people whom nobody knows yet: those of one turn are created in one transaction, or by one statement. That
 * nobody owned their claims was read before it; the unique index says whether it is still so.
 */
export function createNewcomerSignIn(deps: { database: Database; keyring: Keyring; sessions: Sessions }) {
  const { database, keyring, sessions } = deps

  /** Undefined for who proves what another one of the batch proves too. */
  async function createAll(requests: readonly LoginFacts[]): Promise<(SignedIn | undefined)[]> {
    const distinct = withoutRivals(requests)
    const created = await create(distinct)
    const signedIn = new Map(distinct.map((request, i) => [request, created[i]]))
    return requests.map(request => signedIn.get(request))
  }

  async function create(newcomers: readonly LoginFacts[]): Promise<SignedIn[]> {
    const now = new Date(Math.max(...newcomers.map(newcomer => newcomer.now.getTime())))
    const { profiles, rows } = prepareNewcomers(newcomers, 'R0', now)
    const outcome = 'created' as const
    const beginnings = profiles.map(({ id }, i) => {
      const { session } = newcomers[i] as LoginFacts
      return { session: { ...session, accountId: id, outcome }, now }
    })
    const first = sessions.prepareFirst(beginnings)
    await insert([...rows, first.rows], newcomers.some(provesPhone))
    return first.sessions.map((session, i) => ({ profile: profiles[i] as SignedIn['profile'], session, outcome }))
  }

  async function insert(rows: readonly TableRows[], withPhones: boolean): Promise<void> {
    if (!withPhones && insertsTogether(database.db)) return database.runStatement(db => insertAll(db, rows))
    await database.transactOnce(async tx => {
      // Claims without aliases are made under the only secret there is: it is held, so that none is current but this one.
      if (withPhones) await holdCurrentSecret(tx, keyring)
      await insertAll(tx, rows)
    })
  }

  const ask = createBatch<LoginFacts, SignedIn | undefined>({ run: createAll })
  /** By themselves: whether their secret is the current one is nothing to the others. */
  const askWithPhone = createBatch<LoginFacts, SignedIn | undefined>({ run: createAll })

  /** Undefined when another request of theirs travels in the same batch. Their claims have no aliases. */
  return function signInNewcomer(facts: LoginFacts): Promise<SignedIn | undefined> {
    return provesPhone(facts) ? askWithPhone(facts) : ask(facts)
  }
}

const provesPhone = ({ claims }: LoginFacts) => claims.some(({ kind }) => kind === 'phone')

/** The first of each group that proves the same. */
function withoutRivals(requests: readonly LoginFacts[]): LoginFacts[] {
  const taken = new Set<string>()
  return requests.filter(({ claims }) => {
    const keys = claims.map(identityKey)
    if (keys.some(key => taken.has(key))) return false
    for (const key of keys) taken.add(key)
    return true
  })
}
