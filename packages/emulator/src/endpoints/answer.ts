import type { World } from '../world/world.js'
import { errmsgs, hinted } from './errmsgs.js'

/** What an endpoint answers, before it is put on the wire. */
export interface Answered {
  readonly body: Readonly<Record<string, unknown>>
  readonly errcode: number
  /** One sentence for whoever watches. */
  readonly why: string
  /** WeChat's id of the request, which it tells of refused ones. */
  readonly rid?: string
}

export function succeed(body: Answered['body'], why: string): Answered {
  return { body, errcode: 0, why }
}

/**
 * An error as WeChat words it at this path: sns/* puts a comma before the rid, the others do not.
 *
 * @param text instead of the errcode's own
 */
export function fail(world: World, path: string, errcode: number, why: string, text = errmsgs[errcode]): Answered {
  const hint =
    path.startsWith('/wxa/business/') && hinted.has(errcode) ? ` hint: [${world.random(8).toString('base64url')}]` : ''
  const comma = path.startsWith('/sns/') ? ',' : ''
  const rid = makeRid(world)
  return { body: { errcode, errmsg: `${text ?? 'unknown error'}${hint}${comma} rid: ${rid}` }, errcode, why, rid }
}

/** The id of a request: unix seconds in hex, then 8 and 8 hex digits (facts 1.2; confidence B). */
function makeRid({ now, random }: World): string {
  const seconds = Math.floor(now().getTime() / 1000)
    .toString(16)
    .padStart(8, '0')
  return [seconds, random(4).toString('hex'), random(4).toString('hex')].join('-')
}

/** What an endpoint says to a call beyond its quota. */
export function overQuota(world: World, path: string, appid: string): Answered | undefined {
  const errcode = world.quotas.count(appid, path)
  if (errcode === undefined) return undefined
  return fail(
    world,
    path,
    errcode,
    errcode === 45009 ? 'the quota of the day is used up' : 'the quota of the minute is used up',
  )
}
