import { constants, type KeyObject, sign, verify } from 'node:crypto'

/** What is signed: a body, sent to or answered by one address at one time. */
export interface Signable {
  /** The address with its scheme, without query. */
  readonly urlpath: string
  readonly appid: string
  /** Unix seconds, as in the header. */
  readonly timestamp: number
  readonly body: string
}

const saltBytes = 32

/** Signs with RSA-PSS and SHA-256; each signature is another one. In base64. */
export function signBody(signable: Signable, key: KeyObject): string {
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return sign('sha256', textOf(signable), { key, padding, saltLength: saltBytes }).toString('base64')
}

/** Whether the signature is by the holder of the key. Of answers WeChat does not promise the length of the salt. */
export function isSignedBy(key: KeyObject, signable: Signable, signature: string): boolean {
  const padding = constants.RSA_PKCS1_PSS_PADDING
  const options = { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
  return verify('sha256', textOf(signable), options, Buffer.from(signature, 'base64'))
}

function textOf({ urlpath, appid, timestamp, body }: Signable): Buffer {
  return Buffer.from([urlpath, appid, timestamp, body].join('\n'))
}
