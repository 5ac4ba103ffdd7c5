import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'

const header = Buffer.from('{"alg":"ES256","typ":"at+jwt"}').toString('base64url')
const ttlSeconds = 900

/** ES256 by node:crypto alone; `secret` is a private key, PKCS8 in base64. */
export function createTokens(secret) {
  const privateKey = createPrivateKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey)
  return {
    ttlSeconds,
    issue(accountId) {
      const iat = Math.floor(Date.now() / 1000)
      const payload = JSON.stringify({ iss: 'floor', aud: 'floor', sub: accountId, iat, exp: iat + ttlSeconds })
      const text = `${header}.${Buffer.from(payload).toString('base64url')}`
      const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return `${text}.${signature.toString('base64url')}`
    },
    /** The account of a token, or undefined. */
    verify(token) {
      const end = token.lastIndexOf('.')
      const text = token.slice(0, end)
      if (!text.startsWith(`${header}.`)) return undefined
      const signature = Buffer.from(token.slice(end + 1), 'base64url')
      const key = { key: publicKey, dsaEncoding: 'ieee-p1363' }
      if (!verify('sha256', Buffer.from(text), key, signature)) return undefined
      const claims = JSON.parse(Buffer.from(text.slice(header.length + 1), 'base64url').toString())
      const isOurs = claims.iss === 'floor' && claims.aud === 'floor' && claims.exp > Date.now() / 1000
      return isOurs ? claims.sub : undefined
    },
  }
}

/** The token of a request's header, or an empty text. */
export const bearerOf = ({ headers }) => /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? ''
