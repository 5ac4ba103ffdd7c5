import Negotiator from 'negotiator'
import type { Language } from './messages.js'

/** The language of an answer's texts: Chinese, unless the request's `Accept-Language` prefers English. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  if (acceptLanguage === undefined) return 'zh-CN'
  const negotiator = new Negotiator({ headers: { 'accept-language': acceptLanguage } })
  const preferred = negotiator.language(['zh-CN', 'zh', 'en', 'en-US', 'en-GB'])
  return preferred?.startsWith('en') ? 'en' : 'zh-CN'
}
