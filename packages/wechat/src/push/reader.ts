import { assertText } from '../assert-text.js'
import { WechatError } from '../errors.js'
import type { Clock } from '../options.js'
import { type PushEvent, toEvent } from './event.js'
import { decryptMessage, parseEncodingAesKey } from './message-crypto.js'
import { type PushFormat, parseBody, unreadablePush } from './parse-body.js'
import { isSameSignature, signPush } from './signature.js'

export interface PushReaderOptions {
  /** The token of the admin page (开发管理 → 消息推送配置): 3 to 32 letters and digits. */
  token: string
  /**
   * The EncodingAESKey of the same page. With it only encrypted pushes are read (安全模式, and the encrypted part in
   * 兼容模式). Without it plain ones (明文模式), whose signature does not cover the body: whoever has seen one push can forge
   * others for `maxAgeSeconds`.
   */
  encodingAesKey?: string | undefined
  /** The app the pushes are for. */
  appid: string
  /** What the page says of the format (数据格式). Default: told by the body itself. */
  format?: PushFormat | undefined
  /**
   * How far the time of a push may be from this machine's, in seconds: an older one is refused as played again. Default
   * 300, our reasoning: WeChat repeats a push within about 15 s. Range 1 to 86400.
   */
  maxAgeSeconds?: number | undefined
  /** Default: the machine's clock. */
  clock?: Clock | undefined
}

/** The parameters of a push's address: as a web framework parsed them, or as `Object.fromEntries(url.searchParams)`. */
export type PushQuery = Readonly<Record<string, unknown>>

/** What to answer to a push that was read, and to one that is nobody's business: anything else makes WeChat send it again. */
export const pushAnswer = 'success'

const maxBodyBytes = 256 * 1024

/**
 * Reads what WeChat pushes to the address given on the admin page. It keeps nothing: that each event is acted upon once is
 * for its caller, by `dedupKey`.
 *
 * @throws TypeError an option is wrong
 * @see https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
 */
export function createPushReader(options: PushReaderOptions) {
  const { token, appid, encodingAesKey, format, maxAgeSeconds = 300, clock = () => new Date() } = options
  assertText('token', token)
  assertText('appid', appid)
  const key = encodingAesKey === undefined ? undefined : parseEncodingAesKey(encodingAesKey)
  if (format !== undefined && format !== 'xml' && format !== 'json')
    throw new TypeError("format: expected 'xml' or 'json'")
  if (!Number.isInteger(maxAgeSeconds) || maxAgeSeconds < 1 || maxAgeSeconds > 86_400)
    throw new TypeError('maxAgeSeconds: expected an integer from 1 to 86400')

  function openPlain(text: string, query: PushQuery, timestamp: string, nonce: string): string {
    verify(query.signature, [token, timestamp, nonce])
    assertFresh(timestamp)
    return text
  }

  function openEncrypted(text: string, key: Buffer, query: PushQuery, timestamp: string, nonce: string): string {
    const encrypted = parseBody(text, format).Encrypt
    // Nor is what stands beside it in the compatible mode believed: only the encrypted part is signed.
    if (typeof encrypted !== 'string') throw unverified('it is not encrypted')
    verify(query.msg_signature, [token, timestamp, nonce, encrypted])
    assertFresh(timestamp)
    return decryptMessage(encrypted, { key, appid })
  }

  function verify(given: unknown, parts: readonly string[]): void {
    if (typeof given !== 'string' || !isSameSignature(signPush(parts), given))
      throw unverified('the signature is wrong')
  }

  function assertFresh(timestamp: string): void {
    const skewSeconds = Math.abs(clock().getTime() / 1000 - Number(timestamp))
    if (skewSeconds > maxAgeSeconds)
      throw unverified(`its time is ${Math.round(skewSeconds)} s away from this machine's`)
  }

  return {
    /**
     * Answers the GET by which WeChat checks the address: in every mode over token, timestamp and nonce.
     *
     * @returns the text to answer, as `text/plain`
     * @throws WechatError `UNVERIFIED` a wrong signature or time; answer 403
     */
    answerVerification(query: PushQuery): string {
      const { timestamp, nonce } = stampOf(query)
      verify(query.signature, [token, timestamp, nonce])
      assertFresh(timestamp)
      const echo = query.echostr
      // Not signed by WeChat, and it goes back to whoever asked: letters and digits cannot be a page.
      if (typeof echo !== 'string' || !/^[\w+/=-]{1,1024}$/.test(echo))
        throw unverified('there is no echostr to answer')
      return echo
    },

    /**
     * Verifies, decrypts and types a push.
     *
     * @param push.body the body as it came: text or bytes, not parsed
     * @throws WechatError `UNVERIFIED` a wrong signature, time or appid, or in clear although there is a key ·
     *   `DECRYPTION_FAILED` another key · `WATERMARK_MISMATCH` for another app · `UNREADABLE`; answer 403 or 400
     */
    read({ query, body }: { query: PushQuery; body: string | Uint8Array }): PushEvent {
      const { timestamp, nonce } = stampOf(query)
      const text = textOf(body)
      const message = key ? openEncrypted(text, key, query, timestamp, nonce) : openPlain(text, query, timestamp, nonce)
      const fields = parseBody(message, format)
      if (!key && fields.Encrypt !== undefined && fields.MsgType === undefined)
        throw new WechatError('DECRYPTION_FAILED', {
          path: 'push',
          reason: 'it is encrypted, and there is no encodingAesKey',
        })
      const event = toEvent(fields)
      if (event.kind !== 'other' && event.appid !== appid) throw unverified('it is about another appid')
      return event
    },
  }
}

export type PushReader = ReturnType<typeof createPushReader>

function stampOf({ timestamp, nonce }: PushQuery): { timestamp: string; nonce: string } {
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) throw unverified('there is no timestamp')
  if (typeof nonce !== 'string' || nonce === '') throw unverified('there is no nonce')
  return { timestamp, nonce }
}

function textOf(body: string | Uint8Array): string {
  if (Buffer.byteLength(body) > maxBodyBytes) throw unreadablePush(`it is longer than ${maxBodyBytes} bytes`)
  if (typeof body === 'string') return body
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    throw unreadablePush('it is not UTF-8')
  }
}

function unverified(reason: string): WechatError {
  return new WechatError('UNVERIFIED', { path: 'push', reason })
}
