import { createKeyring } from '@mplogin/server'
import { app, createdAtOf, nationalNumberOf, nicknameOf, openidOf, uuidOf } from '../../lib/people.js'
import { defaultAvatar } from '../settings.js'

export const tables = {
  accounts: ['id', 'nickname', 'avatar', 'status', 'created_at', 'last_seen_at'],
  identities: ['id', 'kind', 'scope', 'subject', 'account_id', 'sealed', 'phone_of', 'created_at'],
}

/** The rows of a person, by table: phones are hashed and sealed under the secret that the server is given. */
export function createRows({ MPLOGIN_SECRET }) {
  const keyring = createKeyring(Buffer.from(MPLOGIN_SECRET, 'base64'))
  return number => {
    const at = createdAtOf(number).getTime()
    const id = uuidOf(number)
    const national = nationalNumberOf(number)
    const subject = keyring.hash('phone-hash', `+86${national}`)
    const sealed = keyring.seal('phone-text', `86 ${national}`)
    return {
      accounts: [[id, nicknameOf(number), defaultAvatar, 'active', at, at]],
      identities: [
        [uuidOf(number, 1), 'openid', app.appid, openidOf(number), id, null, null, at],
        [uuidOf(number, 2), 'phone', '', subject, id, sealed, id, at],
      ],
    }
  }
}
