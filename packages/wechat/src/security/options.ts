import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { paths } from '../paths.js'

/** A certificate that WeChat signs its answers with. */
export interface PlatformCertificate {
  /** WeChat's number of it, from the admin page; not the serial number inside the certificate. */
  serial: string
  /** The certificate in PEM, as downloaded from the admin page; its public key alone, in PEM, does too. */
  certificate: string
}

/**
 * API security mode, as set under 开发管理 → 开发设置 → API 安全 of the admin page: bodies encrypted with AES256_GCM,
 * requests and answers signed with RSAwithSHA256. SM4_GCM and SM2withSM3 are not supported.
 *
 * @see https://developers.weixin.qq.com/miniprogram/dev/server/getting_started/api_signature.html
 */
export interface SecurityOptions {
  /** The API symmetric key (API 对称密钥): 32 bytes in base64. */
  symmetricKey: string
  /** Its number (编号), from the same page. */
  symmetricKeySn: string
  /** The private half of the API asymmetric key (API 非对称密钥): RSA in PEM, PKCS#1 or PKCS#8. */
  privateKey: string
  /**
   * The number of that key. WeChat's table of request headers does not ask for it; given, it is sent as
   * `Wechatmp-Serial`, which is what errcode 40230 misses.
   */
  publicKeySn?: string | undefined
  /** The certificates to believe answers by. While WeChat changes its certificate, the old and the new one. */
  platformCertificates: readonly PlatformCertificate[]
  /**
   * The endpoints to use it for, where only some are switched on. Default: all that WeChat documents it for, of those
   * this client calls: `/wxa/business/getuserphonenumber`, `/wxa/getuserriskrank`, `/wxa/getpluginopenpid`,
   * `/cgi-bin/openapi/quota/get`, `/cgi-bin/openapi/rid/get`.
   */
  paths?: readonly string[] | undefined
  /**
   * The address that is signed in front of each path: what WeChat's end of the connection is called. Default `apiBase`;
   * behind a gateway that rewrites addresses `https://api.weixin.qq.com`.
   */
  urlBase?: string | undefined
  /**
   * How far the time of an answer may be from this machine's, in seconds. Default 300, as in WeChat's sample code;
   * range 1 to 3600. An answer is not bound to its request: within this time an older one could be played again.
   */
  maxClockSkewSeconds?: number | undefined
  /**
   * Told once of each certificate that WeChat announces to be replaced while it is the only one we know: fetch the new one
   * from the admin page. What it throws is ignored.
   */
  onDeprecatedCertificate?: ((serial: string) => void) | undefined
}

/** The options, checked and completed. */
export interface SecuritySettings {
  readonly symmetricKey: Buffer
  readonly symmetricKeySn: string
  readonly privateKey: KeyObject
  readonly publicKeySn: string | undefined
  readonly platformKeys: ReadonlyMap<string, KeyObject>
  readonly paths: ReadonlySet<string>
  readonly urlBase: string
  readonly maxClockSkewSeconds: number
  readonly onDeprecatedCertificate: ((serial: string) => void) | undefined
}

/** The endpoints that WeChat documents security mode for, of those this client calls. */
const supportedPaths: readonly string[] = [
  paths.getPhoneNumber,
  paths.getUserRiskRank,
  paths.getPluginOpenpid,
  paths.getQuota,
  paths.lookUpRid,
]

/**
 * Checks the options and completes them.
 *
 * @param apiBase the default of `urlBase`
 * @throws TypeError naming the option and what was expected, never its value
 */
export function parseSecurity(options: SecurityOptions | undefined, apiBase: string): SecuritySettings | undefined {
  if (options === undefined) return undefined
  if (typeof options !== 'object' || options === null) throw wrong('', 'an object')
  const { symmetricKeySn, publicKeySn, urlBase = apiBase, maxClockSkewSeconds = 300 } = options
  if (!isWord(symmetricKeySn)) throw wrong('symmetricKeySn', 'a non-empty string without spaces')
  if (publicKeySn !== undefined && !isWord(publicKeySn)) throw wrong('publicKeySn', 'a non-empty string without spaces')
  if (!isBase(urlBase)) throw wrong('urlBase', 'an http or https address without query and fragment')
  if (!Number.isInteger(maxClockSkewSeconds) || maxClockSkewSeconds < 1 || maxClockSkewSeconds > 3600)
    throw wrong('maxClockSkewSeconds', 'an integer from 1 to 3600')
  if (options.onDeprecatedCertificate !== undefined && typeof options.onDeprecatedCertificate !== 'function')
    throw wrong('onDeprecatedCertificate', 'a function')
  return Object.freeze({
    symmetricKey: parseSymmetricKey(options.symmetricKey),
    symmetricKeySn,
    privateKey: parsePrivateKey(options.privateKey),
    publicKeySn,
    platformKeys: parseCertificates(options.platformCertificates),
    paths: parsePaths(options.paths),
    urlBase: urlBase.replace(/\/+$/, ''),
    maxClockSkewSeconds,
    onDeprecatedCertificate: options.onDeprecatedCertificate,
  })
}

function parseSymmetricKey(text: unknown): Buffer {
  const key = typeof text === 'string' && /^[A-Za-z\d+/]{43}=$/.test(text) ? Buffer.from(text, 'base64') : undefined
  if (key?.length !== 32) throw wrong('symmetricKey', '32 bytes in base64 (AES256_GCM; SM4 is not supported)')
  return key
}

function parsePrivateKey(pem: unknown): KeyObject {
  const key = attempt(() => (typeof pem === 'string' ? createPrivateKey(pem) : undefined))
  if (key?.asymmetricKeyType !== 'rsa') throw wrong('privateKey', 'an RSA private key in PEM (SM2 is not supported)')
  return key
}

function parseCertificates(certificates: unknown): ReadonlyMap<string, KeyObject> {
  if (!Array.isArray(certificates) || certificates.length === 0)
    throw wrong('platformCertificates', 'a list of at least one { serial, certificate }')
  const keys = new Map<string, KeyObject>()
  for (const [index, entry] of certificates.entries()) {
    const { serial, certificate } = (entry ?? {}) as Partial<PlatformCertificate>
    const name = `platformCertificates[${index}]`
    if (!isWord(serial)) throw wrong(`${name}.serial`, 'a non-empty string without spaces')
    if (keys.has(serial)) throw wrong(`${name}.serial`, 'a number that is not in the list already')
    const isPublic = typeof certificate === 'string' && !certificate.includes('PRIVATE KEY')
    const key = attempt(() => (isPublic ? createPublicKey(certificate) : undefined))
    if (key?.asymmetricKeyType !== 'rsa')
      throw wrong(`${name}.certificate`, 'an RSA certificate or public key in PEM (SM2 is not supported)')
    keys.set(serial, key)
  }
  return keys
}

function parsePaths(chosen: unknown): ReadonlySet<string> {
  if (chosen === undefined) return new Set(supportedPaths)
  if (!Array.isArray(chosen) || !chosen.every(path => supportedPaths.includes(path)))
    throw wrong('paths', `a list of ${supportedPaths.join(', ')}`)
  return new Set(chosen)
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    // Without cause: the error may quote the key.
    return undefined
  }
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

function isBase(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, search, hash } = new URL(value)
  return (protocol === 'http:' || protocol === 'https:') && search === '' && hash === ''
}

function wrong(name: string, expected: string): TypeError {
  return new TypeError(`security${name && `.${name}`}: expected ${expected}`)
}
