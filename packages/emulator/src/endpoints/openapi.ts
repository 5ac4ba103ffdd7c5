import type { World } from '../world/world.js'
import { type Answered, fail, succeed } from './answer.js'
import { type Endpoint, textOf } from './endpoint.js'
import { endpointPaths, paths } from './paths.js'
import { withToken } from './with-token.js'

/** What quota/get tells where there is no limit: a number that nobody reaches (our choice). */
const unlimited = 1_000_000_000
const minuteSeconds = 60

/** `POST /cgi-bin/openapi/rid/get`: what a refused call was (facts 1.2). */
export const ridLookup = withToken(paths.ridLookup, 'POST', call => {
  const { world, appid, fields, beyondQuota, refuse } = call
  if (beyondQuota) return beyondQuota
  const refused = world.rids.find(textOf(fields.rid))
  if (refused?.path.startsWith('/sns/')) return refuse(76022, 'rids of /sns/* cannot be looked up')
  if (!refused || refused.appid !== appid) return refuse(76001, 'no such rid of this app in the last 7 days')
  const request = {
    invoke_time: Math.floor(refused.at.getTime() / 1000),
    cost_in_ms: Math.round(refused.durationMs),
    request_url: refused.query,
    request_body: refused.body,
    response_body: refused.answer,
    client_ip: refused.ip,
  }
  return succeed({ errcode: 0, errmsg: 'ok', request }, 'told')
})

/** `POST /cgi-bin/openapi/quota/get`: what is left of a quota (facts 2.3). */
export const quotaLookup = withToken(paths.quotaLookup, 'POST', call => {
  const { world, appid, fields, beyondQuota, refuse } = call
  if (beyondQuota) return beyondQuota
  const path = textOf(fields.cgi_path)
  if (!endpointPaths.has(path)) return refuse(76021, 'the emulator has no such endpoint')
  if (path.startsWith('/sns/')) return refuse(76022, 'quotas of /sns/* cannot be looked up')
  const { perDay = unlimited, perMinute = unlimited, usedToday } = world.quotas.look(appid, path)
  const quota = { daily_limit: perDay, used: usedToday, remain: Math.max(0, perDay - usedToday) }
  const rate_limit = { call_count: perMinute, refresh_second: minuteSeconds }
  return succeed({ errcode: 0, errmsg: 'ok', quota, rate_limit }, 'told')
})

/** `POST /cgi-bin/clear_quota`: sets the day's counts to 0, 10 times a month (facts 2.3). */
export const clearQuota = withToken(paths.clearQuota, 'POST', call => {
  const { appid, fields, refuse } = call
  if (textOf(fields.appid) !== appid) return refuse(40013, 'the appid is not that of the access token')
  return clearCounts(call, appid)
})

/** `POST /cgi-bin/clear_quota/v2`: the same by AppSecret. The document says body, its sample the query: both are read. */
export const clearQuotaBySecret: Endpoint = {
  path: paths.clearQuotaBySecret,
  contentType: 'application/json',
  answer(world, { path, method, query, fields }) {
    const refuse = (errcode: number, why: string) => fail(world, path, errcode, why)
    if (method !== 'POST') return refuse(43002, 'POST only')
    if (fields === 'malformed') return refuse(47001, 'the body is not a JSON object')
    const given = { ...query, ...(fields !== 'empty' && fields) }
    const [appid, secret] = [textOf(given.appid), textOf(given.appsecret)]
    if (appid === '') return refuse(41002, 'no appid')
    const app = world.apps.find(appid)
    if (!app) return refuse(40013, 'no app has this appid')
    if (secret === '') return refuse(41004, 'no appsecret')
    if (secret !== app.secret) return refuse(40125, 'not the secret of this app')
    return clearCounts({ world, refuse }, appid)
  },
}

function clearCounts(
  { world, refuse }: { world: World; refuse: (errcode: number, why: string) => Answered },
  appid: string,
): Answered {
  if (!world.quotas.clearCounts(appid)) return refuse(48006, 'cleared 10 times this month already')
  return succeed({ errcode: 0, errmsg: 'ok' }, 'the counts of the day are 0')
}
