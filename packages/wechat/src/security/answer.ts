import { WechatError } from '../errors.js'
import { type Fields, parseObject } from '../judge.js'
import { additionalData, decrypt, isEnvelope } from './cipher.js'
import type { SecuritySettings } from './options.js'
import { isSignedBy } from './signature.js'

/** An answer as it came. */
export interface SealedAnswer {
  /** The endpoint, for errors. */
  readonly path: string
  readonly appid: string
  readonly urlpath: string
  readonly header: (name: string) => string | undefined
  readonly text: string
  readonly now: Date
}

/**
 * Verifies an answer by WeChat's certificate and decrypts it. One without signature passes only when it is no success:
 * WeChat refuses in clear what it cannot decrypt itself, and a refusal that somebody forged grants nothing.
 *
 * @returns the answer in clear, as JSON text without the fields that secured it
 * @throws WechatError `UNVERIFIED`
 */
export function openAnswer(security: SecuritySettings, answer: SealedAnswer): string {
  const { path, appid, urlpath, header, text, now } = answer
  const fail = (reason: string) => new WechatError('UNVERIFIED', { path, reason })
  const parsed = parseObject(text)
  if (header('wechatmp-signature') === undefined && header('wechatmp-signature-deprecated') === undefined) {
    if (parsed && !isRefusal(parsed)) throw fail('the answer is not signed')
    return text
  }
  if (header('wechatmp-appid') !== appid) throw fail('the answer is for another appid')
  const timestamp = parseTimestamp(header('wechatmp-timestamp'))
  if (timestamp === undefined) throw fail('the answer does not tell its time')
  const known = findKnownSignature(security, header)
  if (!known) throw fail('the answer is signed with a certificate that is not configured')
  if (!isSignedBy(known.key, { urlpath, appid, timestamp, body: text }, known.signature))
    throw fail('the signature of the answer is wrong')
  // Only now: before, the time was anybody's.
  const skewSeconds = Math.abs(now.getTime() / 1000 - timestamp)
  if (skewSeconds > security.maxClockSkewSeconds)
    throw fail(`the answer's time is ${Math.round(skewSeconds)} s away from this machine's`)
  if (!isEnvelope(parsed)) {
    if (parsed && isRefusal(parsed)) return text
    throw fail('the answer is signed, but not encrypted')
  }
  const aad = additionalData(urlpath, appid, timestamp, security.symmetricKeySn)
  const plain = parseObject(decrypt(parsed, { key: security.symmetricKey, aad }) ?? '')
  if (!plain) throw fail('the answer cannot be decrypted')
  const { _n: _nonce, _appid, _timestamp, ...fields } = plain
  if (_appid !== appid) throw fail('the answer was encrypted for another appid')
  if (_timestamp !== timestamp) throw fail('the answer was encrypted at another time')
  return JSON.stringify(fields)
}

/** The signature by a certificate we have: the current one, or while WeChat changes it the one before. */
export function findKnownSignature(
  { platformKeys }: Pick<SecuritySettings, 'platformKeys'>,
  header: SealedAnswer['header'],
) {
  for (const suffix of ['', '-deprecated']) {
    const serial = header(`wechatmp-serial${suffix}`)
    const signature = header(`wechatmp-signature${suffix}`)
    const key = serial === undefined ? undefined : platformKeys.get(serial)
    if (serial !== undefined && key && signature !== undefined)
      return { serial, key, signature, isDeprecated: suffix !== '' }
  }
  return undefined
}

function isRefusal({ errcode }: Fields): boolean {
  return errcode !== undefined && Number(errcode) !== 0
}

function parseTimestamp(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined
}
