import { createHash } from 'node:crypto'
import { assertText } from '../assert-text.js'
import { isWechatError } from '../errors.js'
import { unreadable } from '../judge.js'
import { paths } from '../paths.js'
import { readTime } from '../read-fields.js'
import type { AskOptions, CallDeps } from './ask.js'

/** Whether WeChat made the data, and when; `createdAt` is there for genuine data only. */
export type EncryptedDataCheck = { isGenuine: true; createdAt: Date } | { isGenuine: false }

/** The encrypted data of the legacy phone button. */
export function createEncryptedDataCalls({ ask }: Pick<CallDeps, 'ask'>) {
  return {
    /**
     * Whether WeChat itself made encrypted data: the cipher has no authentication, so decrypting proves little. Only data
     * of phone buttons, and only of the last 3 days.
     *
     * @param encryptedData as the client got it, in base64; its SHA-256 is sent, not the data
     * @throws WechatError `REQUEST_INVALID` · `TOKEN_REJECTED` · `BUSY` · `UNREACHABLE` · `UNREADABLE`
     * @throws TypeError empty data
     * @see https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-info/basic-info/checkEncryptedData.html
     */
    async checkEncryptedData(encryptedData: string, limit: AskOptions = {}): Promise<EncryptedDataCheck> {
      assertText('encryptedData', encryptedData)
      const path = paths.checkEncryptedData
      const hash = hashEncryptedData(encryptedData)
      try {
        return await ask(
          { method: 'POST', path, json: { encrypted_msg_hash: hash }, secrets: [encryptedData, hash] },
          {
            ...limit,
            parse: (fields): EncryptedDataCheck => {
              // WeChat's spelling; should they ever mend it, this goes on working.
              const isGenuine = fields.vaild ?? fields.valid
              if (typeof isGenuine !== 'boolean') throw unreadable(path, 'vaild is not a boolean')
              return isGenuine ? { isGenuine, createdAt: readTime(path, fields, 'create_time') } : { isGenuine }
            },
            isRepeatable: true,
          },
        )
      } catch (error) {
        if (isWechatError(error) && error.code === 'ENCRYPTED_DATA_UNKNOWN') return { isGenuine: false }
        throw error
      }
    },
  }
}

export type EncryptedDataCalls = ReturnType<typeof createEncryptedDataCalls>

/** WeChat's hash of encrypted data: over the base64 text, not the bytes, as the sample of its documentation shows. */
export function hashEncryptedData(encryptedData: string): string {
  return createHash('sha256').update(encryptedData).digest('hex')
}
