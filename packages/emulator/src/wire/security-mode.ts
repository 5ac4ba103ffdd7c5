import { constants, createCipheriv, createDecipheriv, createVerify } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { type Answered, fail } from '../endpoints/answer.js'
import type { WechatRequest } from '../endpoints/endpoint.js'
import type { AppSecurity } from '../world/types.js'
import type { World } from '../world/world.js'

/** WeChat's own address, which its documents sign; the address that was really called is accepted beside it. */
const officialOrigin = 'https://api.weixin.qq.com'

/** A call after the security mode was taken off it. */
export interface OpenedCall {
  /** As the endpoint sees it. */
  readonly call: WechatRequest
  /** When it was refused on the way. */
  readonly refusal?: Answered
  /** Puts the mode on the answer; absent for calls in the clear. */
  readonly seal?: (answer: Answered['body']) => { text: string; headers: Record<string, string> }
}

/**
 * Takes the API security mode off a call (facts 4.2): the signature is checked, the body decrypted. A call without a valid access
 * token, or of an app without the mode, passes as it is. A refusal is answered in the clear (our choice).
 */
export function openCall(world: World, call: WechatRequest, request: FastifyRequest): OpenedCall {
  const holder = world.tokens.look(call.query.access_token ?? '')
  const security = holder.kind === 'valid' ? world.apps.find(holder.appid)?.security : undefined
  if (holder.kind !== 'valid' || !security) return { call }
  const isSigned = request.headers['wechatmp-signature'] !== undefined || isEncrypted(call.fields)
  if (!isSigned && !security.required?.includes(call.path)) return { call }

  const refuse = (errcode: number, why: string): OpenedCall => ({ call, refusal: fail(world, call.path, errcode, why) })
  const { 'wechatmp-appid': appid, 'wechatmp-timestamp': stamp, 'wechatmp-signature': signature } = textHeaders(request)
  if (!stamp || !/^\d{1,12}$/.test(stamp)) return refuse(40231, 'no Wechatmp-TimeStamp in seconds')
  if (!signature) return refuse(40232, 'no Wechatmp-Signature')
  if (!appid) return refuse(40233, 'no Wechatmp-AppId')
  if (!world.apps.find(appid)) return refuse(40236, 'no app has the appid of Wechatmp-AppId')
  if (appid !== holder.appid) return refuse(40237, 'Wechatmp-AppId is not the app of the access token')
  const seconds = Math.floor(world.now().getTime() / 1000)
  if (Math.abs(seconds - Number(stamp)) > world.settings.get().signedRequestSeconds)
    return refuse(40240, 'Wechatmp-TimeStamp is too far from the time here')
  const { publicKey, symmetricKey, symmetricSn } = security
  if (publicKey === undefined) return refuse(40239, 'the app has no public key set')
  const body = String(request.body ?? '')
  const urlpath = urlpathsOf(request, call.path).find(candidate =>
    isSignatureOf(publicKey, [candidate, appid, stamp, body].join('\n'), signature),
  )
  if (urlpath === undefined)
    return refuse(40234, 'the signature is not of this request under the public key of the app')
  if (symmetricKey === undefined || symmetricSn === undefined) return refuse(40238, 'the app has no symmetric key set')
  const keys = { symmetricKey, symmetricSn }
  const inner = isEncrypted(call.fields) ? decrypt(keys, { urlpath, appid, stamp }, call.fields) : undefined
  if (!inner)
    return refuse(40235, 'the body is not encrypted, or not under the symmetric key and what is signed with it')
  if (inner._appid !== appid) return refuse(40236, '_appid is not that of Wechatmp-AppId')
  if (inner._timestamp !== Number(stamp)) return refuse(40240, '_timestamp is not that of Wechatmp-TimeStamp')
  return {
    call: { ...call, query: { ...textsOf(inner), ...call.query }, fields: inner },
    seal: answer => seal(world, keys, { urlpath, appid }, answer),
  }
}

type Keys = Required<Pick<AppSecurity, 'symmetricKey' | 'symmetricSn'>> & { symmetricKey: string; symmetricSn: string }

interface Envelope {
  readonly iv: string
  readonly data: string
  readonly authtag: string
}

function isEncrypted(fields: unknown): fields is Envelope {
  const { iv, data, authtag } = (typeof fields === 'object' ? fields : {}) as Partial<Envelope>
  return [iv, data, authtag].every(part => typeof part === 'string')
}

function textHeaders({ headers }: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]))
}

/** What may have been signed as the URL: scheme, host and path, without the query. */
function urlpathsOf({ protocol, headers }: FastifyRequest, path: string): string[] {
  return [`${officialOrigin}${path}`, `${protocol}://${headers.host}${path}`]
}

function isSignatureOf(publicKey: string, text: string, signature: string): boolean {
  const key = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
  return createVerify('sha256').update(text).verify(key, signature, 'base64')
}

function decrypt(
  { symmetricKey, symmetricSn }: Keys,
  signed: { urlpath: string; appid: string; stamp: string },
  { iv, data, authtag }: Envelope,
): Record<string, unknown> | undefined {
  try {
    const aad = [signed.urlpath, signed.appid, signed.stamp, symmetricSn].join('|')
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(symmetricKey, 'base64'), Buffer.from(iv, 'base64'), {
      authTagLength: 16,
    })
    decipher.setAAD(Buffer.from(aad)).setAuthTag(Buffer.from(authtag, 'base64'))
    const plain: unknown = JSON.parse(decipher.update(data, 'base64', 'utf8') + decipher.final('utf8'))
    return typeof plain === 'object' && plain !== null ? (plain as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function seal(
  world: World,
  { symmetricKey, symmetricSn }: Keys,
  { urlpath, appid }: { urlpath: string; appid: string },
  answer: Answered['body'],
): { text: string; headers: Record<string, string> } {
  const timestamp = Math.floor(world.now().getTime() / 1000)
  const iv = world.random(12)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(symmetricKey, 'base64'), iv)
  cipher.setAAD(Buffer.from([urlpath, appid, timestamp, symmetricSn].join('|')))
  const plain = JSON.stringify({
    _n: world.random(16).toString('base64'),
    _appid: appid,
    _timestamp: timestamp,
    ...answer,
  })
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64')
  const text = JSON.stringify({ iv: iv.toString('base64'), data, authtag: cipher.getAuthTag().toString('base64') })
  const { current, deprecated } = world.platformKeys.sign([urlpath, appid, timestamp, text].join('\n'))
  return {
    text,
    headers: {
      'Wechatmp-AppId': appid,
      'Wechatmp-TimeStamp': String(timestamp),
      'Wechatmp-Serial': current.serial,
      'Wechatmp-Signature': current.signature,
      ...(deprecated && {
        'Wechatmp-Serial-Deprecated': deprecated.serial,
        'Wechatmp-Signature-Deprecated': deprecated.signature,
      }),
    },
  }
}

function textsOf(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
