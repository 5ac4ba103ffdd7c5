import { createdAtOf, nationalNumberOf, nicknameOf, openidOf, uuidOf } from '../../lib/people.js'
import { defaultAvatar } from '../settings.js'

export const tables = { users: ['id', 'openid', 'phone', 'nickname', 'avatar', 'createdAt', 'updatedAt'] }

/** The rows of a person, by table. */
export function createRows() {
  return number => {
    const at = createdAtOf(number).toISOString()
    const person = [openidOf(number), nationalNumberOf(number), nicknameOf(number), defaultAvatar]
    return { users: [[uuidOf(number), ...person, at, at]] }
  }
}
