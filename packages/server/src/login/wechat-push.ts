import { isWechatError, type PushQuery, type PushReader, pushAnswer } from '@mplogin/wechat'
import type { AccountHooks } from '../accounts/hooks.js'
import { withdraw } from '../accounts/withdraw.js'
import type { Avatars } from '../avatars/avatars.js'
import type { Clock } from '../clock.js'
import { LoginError } from '../errors.js'
import type { Database } from '../store/database.js'
import type { Apps } from './apps.js'

/** What WeChat pushes of its own accord: that a person took something back. */
export function createWechatPush(deps: {
  database: Database
  clock: Clock
  apps: Apps
  hooks: AccountHooks
  avatars: Avatars
}) {
  const { database, clock, apps, hooks, avatars } = deps

  /**
   * Answers WeChat's check of the address.
   *
   * @throws LoginError NOT_FOUND the app takes no pushes · UNAUTHENTICATED the signature is wrong
   */
  function answerPushCheck(appid: string, query: PushQuery): string {
    return reading(() => readerOf(appid).answerVerification(query))
  }

  /**
   * Acts on a push: a phone or a profile that was taken back is released, a WeChat that was closed leaves its account or
   * takes it along. WeChat repeats a push that is not answered in time, so doing it twice is doing it once.
   *
   * @returns what WeChat wants to hear
   * @throws LoginError as answerPushCheck · BAD_REQUEST it cannot be read · SERVICE_UNAVAILABLE WeChat pushes it again
   */
  async function receivePush(appid: string, query: PushQuery, body: string | Uint8Array): Promise<string> {
    const event = reading(() => readerOf(appid).read({ query, body }))
    if (event.kind !== 'other') {
      const now = clock()
      const done = await database.transact(tx => withdraw(tx, event, { now, hooks }))
      if (done !== 'nothing') void avatars.sweep()
    }
    return pushAnswer
  }

  function readerOf(appid: string): PushReader {
    const reader = apps.all().find(app => app.appid === appid)?.push
    if (!reader) throw new LoginError('NOT_FOUND', 'no pushes are configured for this appid')
    return reader
  }

  return { answerPushCheck, receivePush }
}

function reading<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!isWechatError(error)) throw error
    const isForged =
      error.code === 'UNVERIFIED' || error.code === 'WATERMARK_MISMATCH' || error.code === 'DECRYPTION_FAILED'
    throw new LoginError(isForged ? 'UNAUTHENTICATED' : 'BAD_REQUEST', error.message, { cause: error })
  }
}
