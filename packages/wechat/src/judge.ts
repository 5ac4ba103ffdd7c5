import { refusalOf } from './errcodes/table.js'
import { WechatError } from './errors.js'
import { redactErrmsg } from './redact.js'
import type { Answer } from './request.js'

/** The parsed body of an answer that is not a refusal; its fields are still to be checked. */
export type Fields = Readonly<Record<string, unknown>>

/**
 * Judges an answer by its body alone: WeChat answers 200 to errors too, and calls its JSON `text/plain`.
 *
 * @param path the endpoint
 * @param secrets what was sent and must not come back in a message
 * @returns the body's fields
 * @throws WechatError kind `refused` with WeChat's errcode · `UNREADABLE` not a JSON object, or an HTTP error without errcode
 */
export function judgeAnswer(path: string, { status, text }: Answer, secrets: readonly string[]): Fields {
  const fields = parseObject(text)
  if (!fields) throw unreadable(path, `the answer (HTTP ${status}) is not a JSON object`)
  const errcode = Number(fields.errcode ?? 0)
  if (!Number.isSafeInteger(errcode)) throw unreadable(path, `the errcode (HTTP ${status}) is not a number`)
  if (errcode !== 0) throw refused(path, errcode, typeof fields.errmsg === 'string' ? fields.errmsg : '', secrets)
  if (status < 200 || status > 299) throw unreadable(path, `HTTP ${status} without an errcode`)
  return fields
}

/** An answer whose shape is not what WeChat documents. */
export function unreadable(path: string, reason: string): WechatError {
  return new WechatError('UNREADABLE', { path, reason })
}

/** Whether `value` is an object with fields: not null, not an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(path: string, errcode: number, text: string, secrets: readonly string[]): WechatError {
  const code = refusalOf(path, errcode)
  const errmsg = redactErrmsg(text, secrets)
  // Found in every punctuation that was seen: `, rid: x`, ` rid: x`.
  const rid = /\brid:\s*([\da-f]{8}-[\da-f]{8}-[\da-f]{8})\b/i.exec(text)?.[1]
  return new WechatError(code, {
    path,
    reason: `${code}, WeChat answered ${errcode} ${errmsg}`.trimEnd(),
    errcode,
    errmsg,
    rid,
  })
}

/** The object that a JSON text holds; undefined when it holds none. */
export function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    // The parser's error quotes the body.
    return undefined
  }
}
