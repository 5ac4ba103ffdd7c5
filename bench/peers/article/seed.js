import { createdAtOf, nationalNumberOf, nicknameOf, openidOf } from '../../lib/people.js'
import { defaultAvatar } from '../settings.js'

export const tables = { users: ['id', 'nickname', 'openid', 'phone', 'avatar', 'createdAt', 'updatedAt'] }

/** The rows of a person, by table. */
export function createRows() {
  return number => {
    const at = createdAtOf(number).toISOString()
    const person = [nicknameOf(number), openidOf(number), nationalNumberOf(number), defaultAvatar]
    return { users: [[number + 1, ...person, at, at]] }
  }
}

/** The next id comes after those given. */
export const afterwards = [`select setval('users_id_seq', (select max(id) from users))`]
