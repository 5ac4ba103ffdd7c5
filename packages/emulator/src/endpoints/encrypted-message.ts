import { succeed } from './answer.js'
import { textOf } from './endpoint.js'
import { paths } from './paths.js'
import { withToken } from './with-token.js'

/**
 * `POST /wxa/business/checkencryptedmsg`: whether encrypted phone data was made by WeChat, in the last 3 days (facts 3.3). The
 * hash is of the base64 text: the document's own sample says so.
 */
export const checkEncryptedMessage = withToken(paths.checkEncryptedMessage, 'POST', call => {
  const { world, appid, fields, beyondQuota, refuse } = call
  const hash = textOf(fields.encrypted_msg_hash)
  if (!/^[0-9a-f]{64}$/i.test(hash)) return refuse(40097, 'encrypted_msg_hash is not 64 hex digits')
  if (beyondQuota) return beyondQuota
  const madeAt = world.encryptedData.madeAt(appid, hash)
  if (!madeAt) return refuse(1, 'nothing with this hash was made for this app in the last 3 days')
  // "vaild" is WeChat's spelling.
  const create_time = Math.floor(madeAt.getTime() / 1000)
  return succeed({ errcode: 0, errmsg: 'ok', vaild: true, create_time }, 'made here')
})
