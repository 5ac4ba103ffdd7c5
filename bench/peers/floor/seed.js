import { createdAtOf, nationalNumberOf, nicknameOf, openidOf, uuidOf } from '../../lib/people.js'
import { defaultAvatar } from '../settings.js'

export const tables = { users: ['id', 'openid', 'phone', 'nickname', 'avatar', 'created_at', 'last_seen_at'] }

/** The rows of a person, by table. */
export function createRows() {
  return number => {
    const at = createdAtOf(number).getTime()
    const row = [uuidOf(number), openidOf(number), nationalNumberOf(number), nicknameOf(number), defaultAvatar, at, at]
    return { users: [row] }
  }
}
