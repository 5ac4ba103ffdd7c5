import { createCipheriv, createHash } from 'node:crypto'
import { createMemory } from './memory.js'
import { type Phone, toPhoneInfo } from './phone.js'
import type { Clock, RandomBytes } from './types.js'

/** checkencryptedmsg knows what was made in the last 3 days (facts 3.3; confidence A). */
const knownMs = 3 * 24 * 3600 * 1000

/** The encrypted numbers of the phone button (facts 3.3), and which of them this WeChat made. */
export function createEncryptedData({ clock, random }: { clock: Clock; random: RandomBytes }) {
  const made = createMemory<{ appid: string; at: Date }>({ clock, keepMs: knownMs })
  return {
    clear: made.clear,

    encryptPhone(phone: Phone, appid: string, sessionKey: string): { encryptedData: string; iv: string } {
      const iv = random(16)
      const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKey, 'base64'), iv)
      const plain = JSON.stringify(toPhoneInfo(phone, appid, clock()))
      const encryptedData = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64')
      made.set(createHash('sha256').update(encryptedData).digest('hex'), { appid, at: clock() })
      return { encryptedData, iv: iv.toString('base64') }
    },

    /** When it was made, by the SHA-256 of its base64 text: the sample in WeChat's document is that, not of the bytes. */
    madeAt(appid: string, hash: string): Date | undefined {
      const known = made.get(hash.toLowerCase())
      return known?.appid === appid && clock().getTime() - known.at.getTime() <= knownMs ? known.at : undefined
    },
  }
}
