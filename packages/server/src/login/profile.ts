import type { UpdateUserRequest, User, UserAnswer } from '@mplogin/contract'
import { findUsers, getUser, parseNickname } from '../accounts/profile.js'
import { type Avatars, takeAvatar } from '../avatars/avatars.js'
import { toPicture } from '../avatars/picture.js'
import type { Clock } from '../clock.js'
import { LoginError } from '../errors.js'
import type { Keyring } from '../keyring.js'
import { writeAudit } from '../ops/audit.js'
import type { Sessions } from '../sessions/sessions.js'
import { createBatch } from '../store/batch.js'
import type { Database } from '../store/database.js'
import type { Caller, RequestContext } from './context.js'
import { lockCaller } from './live-caller.js'

/** What a signed-in person shows of themselves. */
export function createProfile(deps: {
  database: Database
  keyring: Keyring
  clock: Clock
  sessions: Sessions
  avatars: Avatars
}) {
  const { database, keyring, clock, sessions, avatars } = deps

  const findUser = createBatch<string, User | undefined>({ run: ids => findUsers(database.db, keyring, ids) })

  async function getMe({ accountId }: Caller): Promise<UserAnswer> {
    const user = await findUser(accountId)
    if (!user) throw new Error(`account ${accountId} is gone`)
    return { user }
  }

  /** @throws LoginError BAD_REQUEST when the nickname is not one, or the avatar is a picture of somebody else */
  async function updateMe(caller: Caller, change: UpdateUserRequest, context: RequestContext): Promise<UserAnswer> {
    const nickname = change.nickname === undefined ? undefined : parseNickname(change.nickname)
    return changeProfile(caller, { ...change, ...(nickname !== undefined && { nickname }) }, context, () => {
      throw new LoginError('BAD_REQUEST', 'the avatar is an uploaded picture of another account, or gone', {
        details: [
          { path: '/avatar', message: 'must be an https URL, a path, or a picture that this account uploaded' },
        ],
      })
    })
  }

  /**
   * Makes an uploaded file the avatar; the former picture is removed.
   *
   * @throws LoginError IMAGE_INVALID · SERVICE_UNAVAILABLE the storage does not answer, and nothing has changed
   */
  async function uploadAvatar(caller: Caller, file: Buffer, context: RequestContext): Promise<UserAnswer> {
    const avatar = await avatars.keep(caller.accountId, await toPicture(file))
    return changeProfile(caller, { avatar }, context, () => {
      throw new LoginError('SERVICE_UNAVAILABLE', 'the account was merged meanwhile', { retryAfterSeconds: 1 })
    })
  }

  async function changeProfile(
    { sessionId }: Caller,
    { nickname, avatar }: UpdateUserRequest,
    context: RequestContext,
    refuseAvatar: () => never,
  ): Promise<UserAnswer> {
    const set = { ...(nickname !== undefined && { nickname }), ...(avatar !== undefined && { avatar }) }
    const answer = await database.transact(async tx => {
      const now = clock()
      const { accountId } = await lockCaller(tx, sessions, sessionId, now)
      if (avatar !== undefined && !(await takeAvatar(tx, accountId, avatar, now))) refuseAvatar()
      await tx.updateTable('accounts').set(set).where('id', '=', accountId).execute()
      const detail = { fields: Object.keys(set).join(' ') }
      await writeAudit(tx, now, [
        { action: 'profile.updated', actor: 'user', accountId, address: context.address, detail },
      ])
      return { user: await getUser(tx, keyring, accountId) }
    })
    if (avatar !== undefined) void avatars.sweep()
    return answer
  }

  return { getMe, updateMe, uploadAvatar, readAvatar: avatars.read }
}
