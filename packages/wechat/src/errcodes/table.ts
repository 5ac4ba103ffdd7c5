import type { RefusalCode } from '../error-codes.js'
import { atEndpoints } from './at-endpoints.js'
import { type ErrcodeEntries, type ErrcodeEntry, entry } from './entry.js'
import { everywhere } from './everywhere.js'
import { ofSecurityMode } from './security.js'

/**
 * Every errcode this package knows: what it means, when the call may be repeated, and what an operator should do.
 * `everywhere` holds unless the endpoint's own entries say otherwise.
 */
export const errcodeTable: {
  readonly everywhere: ErrcodeEntries
  readonly atEndpoints: Readonly<Record<string, ErrcodeEntries>>
} = { everywhere: { ...everywhere, ...ofSecurityMode }, atEndpoints }

const parameterMissing = entry(
  'REQUEST_INVALID',
  'never',
  '缺少必填参数。请求由本程序构造：检查传入的值，若值无误请带 rid 报告缺陷。',
  'A parameter is missing. The request is made by this program: check the values given to it; if they are right, report a bug with the rid.',
)

const unknown = entry(
  'UNKNOWN_ERRCODE',
  'operator',
  '未收录的错误码。用 lookUpRid 查询 rid（/sns/* 除外），并对照微信的全局错误码。',
  'An errcode this package does not know. Look its rid up with lookUpRid (not for /sns) and see WeChat’s list of errcodes.',
)

/** What an errcode of WeChat's at an endpoint means; never `undefined`. */
export function findEntry(path: string, errcode: number): ErrcodeEntry {
  const known = errcodeTable.atEndpoints[path]?.[errcode] ?? errcodeTable.everywhere[errcode]
  // WeChat's 41xxx are all parameters that are missing.
  return known ?? (errcode >= 41000 && errcode < 42000 ? parameterMissing : unknown)
}

/** The code of an errcode at an endpoint. */
export function refusalOf(path: string, errcode: number): RefusalCode {
  return findEntry(path, errcode).code
}
