import type { World } from './world/world.js'

/** WeChat's texts by errcode, without rid (facts 1.1, 2.3). Where the wire text was never captured it is our choice, said so. */
const texts: Readonly<Record<number, string>> = {
  [-1]: 'system error',
  40001:
    'invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r',
  40002: 'invalid grant_type',
  40003: 'invalid openid', // our choice
  40013: 'invalid appid',
  40014: 'invalid access_token',
  40029: 'invalid code',
  40125: 'invalid appsecret',
  40163: 'code been used',
  40164: 'invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist',
  40226: 'code blocked', // the document's word; the wire was never captured
  40243: 'appsecret frozen', // our choice
  41001: 'access_token missing',
  41002: 'appid missing',
  41004: 'appsecret missing',
  41008: 'missing code',
  42001: 'access_token expired',
  43002: 'require POST method',
  44002: 'empty post data',
  45009: 'reach max api daily quota limit',
  45011: 'api minute-quota reach limit, must slower, retry next minute',
  47001: 'data format error',
  48001: 'api unauthorized',
  50004: 'forbidden to use token interface', // our choice
  50007: 'account is frozen', // our choice
}

/** Errors whose text carries a hint on wxa/business (facts 1.2). */
const hinted = new Set([40029, 47001])

/** What an endpoint answers, before it is put on the wire. */
export interface Answered {
  readonly body: Readonly<Record<string, unknown>>
  readonly errcode: number
  /** One sentence for whoever watches. */
  readonly why: string
}

export function succeed(body: Answered['body'], why: string): Answered {
  return { body, errcode: 0, why }
}

/** An error as WeChat words it at this path: sns/* puts a comma before the rid, the others do not. */
export function fail(world: World, path: string, errcode: number, why: string): Answered {
  const hint =
    path.startsWith('/wxa/business/') && hinted.has(errcode) ? ` hint: [${world.random(8).toString('base64url')}]` : ''
  const comma = path.startsWith('/sns/') ? ',' : ''
  const errmsg = `${texts[errcode] ?? 'unknown error'}${hint}${comma} rid: ${rid(world)}`
  return { body: { errcode, errmsg }, errcode, why }
}

/** The id of a request: unix seconds in hex, then 8 and 8 hex digits (facts 1.2; confidence B). */
function rid({ now, random }: World): string {
  const seconds = Math.floor(now().getTime() / 1000)
    .toString(16)
    .padStart(8, '0')
  return [seconds, random(4).toString('hex'), random(4).toString('hex')].join('-')
}
