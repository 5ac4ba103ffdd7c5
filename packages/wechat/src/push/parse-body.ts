import { WechatError } from '../errors.js'
import { type Fields, isFields } from '../judge.js'
import { parseXml } from './parse-xml.js'

/** How WeChat was told to write pushes, on the admin page (数据格式). */
export type PushFormat = 'xml' | 'json'

/**
 * Reads a body, or a decrypted message.
 *
 * @param format what it must be; told by its first character when left out
 * @throws WechatError `UNREADABLE`
 */
export function parseBody(text: string, format: PushFormat | undefined): Fields {
  const isXml = format === undefined ? text.trimStart().startsWith('<') : format === 'xml'
  const fields = isXml ? parseXml(text) : parseJson(text)
  if (!fields) throw unreadablePush(`it is not a ${isXml ? 'document in XML' : 'JSON object'}`)
  return fields
}

/** A push whose shape is not what WeChat documents. */
export function unreadablePush(reason: string): WechatError {
  return new WechatError('UNREADABLE', { path: 'push', reason })
}

function parseJson(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    // The parser's error quotes the text.
    return undefined
  }
}
