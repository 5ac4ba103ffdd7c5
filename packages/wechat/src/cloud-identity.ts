/** Who called, as WeChat cloud hosting tells it. */
export interface CloudIdentity {
  /** The user in the mini program that called; with a shared environment in the one that holds it, if WeChat tells that. */
  openid: string
  /** That mini program. */
  appid: string
  /** When the app is bound to an Open Platform account. */
  unionid?: string
  /** By what the call came, in WeChat's words: `wx_client`, `wx_devtools` … */
  source: string
  /** The cloud environment. */
  env?: string
  /** With a shared environment (资源复用), besides: the user in the mini program that called. */
  from?: { openid: string; appid: string; unionid?: string }
  /** The addresses the call came over, the user's first. */
  forwardedFor?: string
}

/** Headers as `node:http` gives them; names in any case. */
export type CloudHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Reads the identity that WeChat cloud hosting (云托管) puts into the headers of `wx.cloud.callContainer`; no code is needed
 * then.
 *
 * **Danger: headers prove nothing by themselves.** WeChat's gateway sets them and removes what a client sent under these
 * names. Anybody who reaches the container another way (its public domain 公网访问 is on, another ingress, a port inside the
 * network) can write any openid into them and is then that user. Call this only in a container that is reached through
 * WeChat alone, with public access off; that `X-WX-SOURCE` is there shows a call from WeChat only as long as that holds.
 *
 * @returns `undefined` without `X-WX-SOURCE`, without openid or appid, or when one of them came twice or is malformed
 * @see https://developers.weixin.qq.com/miniprogram/dev/wxcloudservice/wxcloudrun/src/development/weixin/index.html
 */
export function readCloudIdentity(headers: CloudHeaders): CloudIdentity | undefined {
  const read = createHeaderReader(headers)
  const source = read('x-wx-source')
  const holder = readUser(read, 'x-wx-')
  const caller = readUser(read, 'x-wx-from-')
  const user = holder ?? caller
  if (!source || !user) return undefined
  const from = holder && caller
  const env = read('x-wx-env')
  const forwardedFor = read('x-original-forwarded-for')
  return { ...user, source, ...(env && { env }), ...(from && { from }), ...(forwardedFor && { forwardedFor }) }
}

type Read = (name: string) => string | undefined

function createHeaderReader(headers: CloudHeaders): Read {
  const values = new Map<string, readonly string[]>()
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    const key = name.toLowerCase()
    values.set(key, [...(values.get(key) ?? []), ...(typeof value === 'string' ? [value] : value)])
  }
  return name => {
    const [only, second] = values.get(name) ?? []
    return second === undefined ? only : undefined
  }
}

function readUser(read: Read, prefix: string): { openid: string; appid: string; unionid?: string } | undefined {
  const [openid, appid, unionid] = ['openid', 'appid', 'unionid'].map(name => read(prefix + name))
  if (!isId(openid) || !isId(appid)) return undefined
  return { openid, appid, ...(isId(unionid) && { unionid }) }
}

/** Letters, digits, `_` and `-`: Node joins headers that came twice with a comma, which this is not. */
function isId(value: string | undefined): value is string {
  return value !== undefined && /^[\w-]{1,128}$/.test(value)
}
