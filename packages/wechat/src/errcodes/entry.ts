import type { RefusalCode } from '../error-codes.js'

/**
 * When the same call may be made again: at once with backoff · after the access token was replaced · when the minute,
 * the hour or the day has turned · not before an operator has acted · not at all, since the same request will fail again.
 */
export type RetryRule = 'retry' | 'drop_token' | 'next_minute' | 'next_hour' | 'tomorrow' | 'operator' | 'never'

/** The languages of the advice. */
export type AdviceLanguage = 'zh-CN' | 'en'

/** What one errcode of WeChat's means. */
export interface ErrcodeEntry {
  readonly code: RefusalCode
  readonly retry: RetryRule
  /** What an operator should do, one or two sentences. `{address}` stands for the caller's address, as WeChat named it. */
  readonly advice: Readonly<Record<AdviceLanguage, string>>
}

/** Entries by errcode. */
export type ErrcodeEntries = Readonly<Record<number, ErrcodeEntry>>

/** One entry, written on one line. */
export function entry(code: RefusalCode, retry: RetryRule, zh: string, en: string): ErrcodeEntry {
  return { code, retry, advice: { 'zh-CN': zh, en } }
}

/** The advice for parameters that are missing or malformed: a mistake of this package, or of a value given to it. */
export function badRequest(zh: string, en: string): ErrcodeEntry {
  return entry(
    'REQUEST_INVALID',
    'never',
    `${zh}。请求由本程序构造：检查传入的值，若值无误请带 rid 报告缺陷。`,
    `${en}. The request is made by this program: check the values given to it; if they are right, report a bug with the rid.`,
  )
}
