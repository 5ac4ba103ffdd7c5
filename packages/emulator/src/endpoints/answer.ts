import type { World } from '../world/world.js'
import { errmsgs, hinted } from './errmsgs.js'

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
  const errmsg = `${errmsgs[errcode] ?? 'unknown error'}${hint}${comma} rid: ${rid(world)}`
  return { body: { errcode, errmsg }, errcode, why }
}

/** The id of a request: unix seconds in hex, then 8 and 8 hex digits (facts 1.2; confidence B). */
function rid({ now, random }: World): string {
  const seconds = Math.floor(now().getTime() / 1000)
    .toString(16)
    .padStart(8, '0')
  return [seconds, random(4).toString('hex'), random(4).toString('hex')].join('-')
}
