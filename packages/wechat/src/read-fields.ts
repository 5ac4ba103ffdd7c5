import { type Fields, unreadable } from './judge.js'

/** @throws WechatError `UNREADABLE` the answer of `path` has no such text, or an empty one */
export function readText(path: string, fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string' || value === '') throw unreadable(path, `the answer has no ${name}`)
  return value
}

/** @throws WechatError `UNREADABLE` the answer of `path` has no such number */
export function readNumber(path: string, fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unreadable(path, `${name} is not a number`)
  return value
}

/** A time that WeChat gives in unix seconds. @throws WechatError `UNREADABLE` */
export function readTime(path: string, fields: Fields, name: string): Date {
  const time = new Date(readNumber(path, fields, name) * 1000)
  if (Number.isNaN(time.getTime())) throw unreadable(path, `${name} is not a time`)
  return time
}
