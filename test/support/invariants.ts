import type { Database } from '@mplogin/server'

/** Everything that must hold at any moment, whatever happened. Returns what does not. */
export async function brokenInvariants({ db }: Database): Promise<string[]> {
  const accounts = await db.selectFrom('accounts').select(['id', 'status', 'merged_into']).execute()
  const identities = await db.selectFrom('identities').selectAll().execute()
  const sessions = await db.selectFrom('sessions').select(['id', 'account_id', 'revoked_at']).execute()
  const merges = await db.selectFrom('merges').selectAll().execute()
  const events = await db.selectFrom('outbox').select(['type', 'payload']).execute()
  const byId = new Map(accounts.map(account => [account.id, account]))
  const broken: string[] = []
  const expect = (holds: boolean, what: string) => holds || broken.push(what)

  for (const { kind, account_id, phone_of, sealed } of identities) {
    const owner = byId.get(account_id)
    expect(owner?.status === 'active' || owner?.status === 'disabled', `a ${kind} of ${owner?.status} ${account_id}`)
    expect(phone_of === (kind === 'phone' ? account_id : null), `phone_of of a ${kind} of ${account_id}`)
    expect((sealed !== null) === (kind === 'phone'), `sealed of a ${kind} of ${account_id}`)
  }
  for (const { id, account_id, revoked_at } of sessions) {
    const status = byId.get(account_id)?.status
    expect(status !== 'merged', `session ${id} of the tombstone ${account_id}`)
    expect(status !== 'deleted' || revoked_at !== null, `a live session of the deleted ${account_id}`)
  }
  for (const { id, status, merged_into } of accounts) {
    expect((status === 'merged') === (merged_into !== null), `${id} is ${status} into ${merged_into}`)
    if (merged_into !== null) expect(byId.get(merged_into)?.status !== 'merged', `a chain at ${id}`)
    if (status === 'merged')
      expect(
        merges.some(merge => merge.loser_id === id && merge.undone_at === null),
        `no merge tells of ${id}`,
      )
  }
  const merged = events.filter(event => event.type === 'account.merged')
  expect(merged.length === merges.length, `${merges.length} merges, ${merged.length} events`)
  return broken
}

/** Who owns what: identities by account, the accounts in no order. For comparing two moments. */
export async function snapshot({ db }: Database): Promise<unknown> {
  return {
    accounts: await db.selectFrom('accounts').selectAll().orderBy('id').execute(),
    identities: await db
      .selectFrom('identities')
      .selectAll()
      .orderBy('kind')
      .orderBy('scope')
      .orderBy('subject')
      .execute(),
    sessions: await db.selectFrom('sessions').selectAll().orderBy('id').execute(),
  }
}
