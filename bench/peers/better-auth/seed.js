import { createdAtOf, nationalNumberOf, nicknameOf, openidOf, uuidOf } from '../../lib/people.js'
import { defaultAvatar } from '../settings.js'

export const tables = {
  user: ['id', 'name', 'email', 'emailVerified', 'image', 'phoneNumber', 'createdAt', 'updatedAt'],
  account: ['id', 'accountId', 'providerId', 'userId', 'createdAt', 'updatedAt'],
}

/** The rows of a person, by table. */
export function createRows() {
  return number => {
    const at = createdAtOf(number).toISOString()
    const openid = openidOf(number)
    const id = uuidOf(number)
    const email = `${openid.toLowerCase()}@mini-program.invalid`
    return {
      user: [[id, nicknameOf(number), email, false, defaultAvatar, nationalNumberOf(number), at, at]],
      account: [[uuidOf(number, 1), openid, 'wechat-mini-program', id, at, at]],
    }
  }
}
