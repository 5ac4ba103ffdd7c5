import type { LoginAnswer, ResolveConflictRequest } from '@mplogin/contract'
import { type Claim, isIdentity } from '../accounts/identity.js'
import { getUser } from '../accounts/profile.js'
import { LoginError } from '../errors.js'
import type { Db, Tx } from '../store/database.js'
import type { ConflictTickets } from './conflict-tickets.js'
import type { RequestContext } from './context.js'
import type { SignInDeps } from './sign-in.js'

/** Carries out what the user chose after a conflict, and signs in. */
export function createResolveConflict(
  deps: Pick<SignInDeps, 'database' | 'keyring' | 'clock' | 'sessions' | 'answers' | 'linkPerson'> & {
    tickets: ConflictTickets
  },
) {
  const { database, keyring, clock, sessions, answers, linkPerson, tickets } = deps

  /** @throws LoginError of the route `resolveConflict` in the contract; then the ticket is unspent */
  return async function resolveConflict(
    { ticket: text, choice }: ResolveConflictRequest,
    context: RequestContext,
  ): Promise<LoginAnswer> {
    const ticket = tickets.parse(text)
    if (!ticket.choices.includes(choice)) {
      throw new LoginError('BAD_REQUEST', 'the ticket does not offer this choice', {
        details: [{ path: '/choice', message: `expected one of ${ticket.choices.join(', ')}` }],
      })
    }
    const now = clock()
    const login = await database.transact(async tx => {
      await tickets.spend(tx, ticket)
      const signedInId = ticket.signedInId && (await survivorOf(tx, ticket.signedInId))
      const { appid, claims } = ticket
      // Of /bindPhone, WeChat's side was not proven, only held by the account: it must be held still.
      const stillHolds = signedInId === undefined ? undefined : (tx: Tx) => assertHolds(tx, claims, signedInId)
      const request = { appid, claims, choice, signedInId, stillHolds }
      const { accountId, outcome } = await linkPerson(tx, request, { ...context, now })
      const { device, address } = context
      const session = await sessions.start(
        tx,
        { accountId, appid, outcome, device, address, idempotency: undefined },
        now,
      )
      return { user: await getUser(tx, keyring, accountId), session, outcome }
    })
    return answers.loginAnswer(login)
  }
}

async function assertHolds(tx: Tx, claims: readonly Claim[], accountId: string): Promise<true> {
  for (const claim of claims) {
    if (claim.kind === 'phone') continue
    const found = await tx.selectFrom('identities').select('account_id').where(isIdentity(claim)).executeTakeFirst()
    if (found?.account_id !== accountId)
      throw new LoginError('TICKET_INVALID', 'the account of the ticket does not have this WeChat any more')
  }
  return true
}

/** The account that holds what `accountId` held: itself, or what it was merged into since. */
async function survivorOf(db: Db, accountId: string): Promise<string> {
  const account = await db
    .selectFrom('accounts')
    .select(['status', 'merged_into'])
    .where('id', '=', accountId)
    .executeTakeFirst()
  if (!account || account.status === 'deleted')
    throw new LoginError('TICKET_INVALID', 'the account of the ticket is gone')
  return account.merged_into ?? accountId
}
