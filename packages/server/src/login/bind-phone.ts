import type { BindPhoneAnswer, BindPhoneRequest } from '@mplogin/contract'
import { type Identity, isSameIdentity } from '../accounts/identity.js'
import { phoneClaim } from '../accounts/phone-number.js'
import { getUser } from '../accounts/profile.js'
import type { Db, Tx } from '../store/database.js'
import type { App } from './apps.js'
import type { Caller, RequestContext } from './context.js'
import { startCountdown } from './countdown.js'
import type { AskOnce } from './kept-answers.js'
import { readCaller } from './live-caller.js'
import { loginTimeoutMs, type SignInDeps, tradePhoneCode } from './sign-in.js'

/** Gives the signed-in account a phone: the same decision as a login, the account standing for the openid's owner. */
export function createBindPhone(deps: Omit<SignInDeps, 'answers' | 'idempotency'>) {
  const { database, keyring, clock, apps, sessions, keptAnswers, linkPerson } = deps

  /** @throws LoginError of the route `bindPhone` in the contract */
  return async function bindPhone(
    caller: Caller,
    { code }: BindPhoneRequest,
    context: RequestContext,
  ): Promise<BindPhoneAnswer> {
    const app = apps.get(caller.appid)
    const openids = (await standingClaims(database.db, caller.accountId, app)).filter(claim => claim.kind === 'openid')
    // With a second WeChat attached it is not known which of the two taps, and WeChat can check against one only.
    const openid = openids.length === 1 ? openids[0]?.subject : undefined
    const bind = async (ask: AskOnce) => {
      const askedBy = caller.sessionId
      const phone = await tradePhoneCode(app, ask, code, { openid, askedBy, leftMs: startCountdown(loginTimeoutMs) })
      const now = clock()
      return database.transact(async tx => {
        const { accountId: signedInId } = await readCaller(tx, sessions, caller.sessionId, now)
        const standing = await standingClaims(tx, signedInId, app)
        const claims = [...standing, phoneClaim(keyring, phone)]
        // The caller is held together with the phone's owner, in one order: two people may bind each other's phone.
        const stillHolds = async (tx: Tx) => {
          const held = await readCaller(tx, sessions, caller.sessionId, now)
          return held.accountId === signedInId && areSame(standing, await standingClaims(tx, signedInId, app))
        }
        const request = { appid: app.appid, claims, signedInId, stillHolds }
        const { accountId, outcome } = await linkPerson(tx, request, { ...context, now })
        return { user: await getUser(tx, keyring, accountId), outcome }
      })
    }
    // There is no session to find a repeat by, and the code was paid for.
    return keptAnswers.during(context.idempotencyKey, bind, { alsoAfter: 'success' })
  }
}

/** What the account holds of this app's WeChat side: it moves when the user chooses the phone's account. */
function standingClaims(db: Db, accountId: string, app: App): Promise<Identity[]> {
  return db
    .selectFrom('identities')
    .select(['kind', 'scope', 'subject'])
    .where('account_id', '=', accountId)
    .where(eb =>
      eb.or([eb.and({ kind: 'openid', scope: app.appid }), eb.and({ kind: 'unionid', scope: app.platform })]),
    )
    .execute()
}

function areSame(before: readonly Identity[], now: readonly Identity[]): boolean {
  return before.length === now.length && before.every(one => now.some(other => isSameIdentity(one, other)))
}
