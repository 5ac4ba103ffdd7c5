import { failure } from './settle.js'

/** wx.request knows no other, in capitals: PATCH is not among them (T; confidence A). */
const methods = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT']

/**
 * The address and method of a call, checked as WeChat does.
 *
 * @throws WxFailure
 */
export function checkTarget(api: string, target: { url: string; method: string }, domains?: readonly string[]): URL {
  const { url, method } = target
  if (typeof url !== 'string' || !/^https?:\/\//.test(url) || !URL.canParse(url))
    throw failure(api, `invalid url "${url}"`, 600009)
  const parsed = new URL(url)
  if (domains && !domains.includes(parsed.origin)) throw failure(api, 'url not in domain list', 600002)
  if (!methods.includes(method)) throw failure(api, 'method invalid')
  return parsed
}

/** The headers of a call. Referer is WeChat's own and cannot be set (facts 5.5; confidence A); a browser sends its page's instead. */
export function headersOf(
  given: Readonly<Record<string, unknown>> = {},
  own: { referer: string; contentType?: string },
) {
  const headers = new Headers()
  if (own.contentType !== undefined) headers.set('content-type', own.contentType)
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && name.toLowerCase() !== 'referer') headers.set(name, String(value))
  }
  headers.set('referer', own.referer)
  return headers
}

/** Names as servers write them: `Content-Type` (our choice: on phones it is as the server sent it). */
export function headerObject(headers: Headers): { header: Record<string, string>; cookies: string[] } {
  const header: Record<string, string> = {}
  headers.forEach((value, name) => {
    header[name.replace(/(^|-)[a-z]/g, letter => letter.toUpperCase())] = value
  })
  return { header, cookies: headers.getSetCookie?.() ?? [] }
}
