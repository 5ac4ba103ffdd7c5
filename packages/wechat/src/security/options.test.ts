import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { curveCertificate, platforms } from '../../../../test/support/wechat-certificates.js'
import { securitySample } from '../../../../test/support/wechat-samples.js'
import { parseOptions } from '../options.js'
import type { SecurityOptions } from './options.js'

const { symmetricKey, symmetricKeySn, privateKey } = securitySample
const [{ serial, certificate }] = platforms
const valid: SecurityOptions = {
  symmetricKey,
  symmetricKeySn,
  privateKey,
  platformCertificates: [{ serial, certificate }],
}
const parse = (security: unknown, apiBase?: string) =>
  parseOptions({ appid: 'wx1', secret: 's', apiBase, security: security as SecurityOptions }).security

describe('the options of security mode', () => {
  it('are none by default', () => {
    expect(parse(undefined)).toBeUndefined()
  })

  it('are completed: all endpoints that support it, signed as apiBase, 300 s', () => {
    expect(parse(valid, 'http://127.0.0.1:8080/wechat/')).toMatchObject({
      urlBase: 'http://127.0.0.1:8080/wechat',
      maxClockSkewSeconds: 300,
      publicKeySn: undefined,
      paths: new Set([
        '/wxa/business/getuserphonenumber',
        '/wxa/getuserriskrank',
        '/wxa/getpluginopenpid',
        '/cgi-bin/openapi/quota/get',
        '/cgi-bin/openapi/rid/get',
      ]),
    })
    expect(parse(valid)).toMatchObject({ urlBase: 'https://api.weixin.qq.com' })
  })

  it('take a private key in PKCS#8 too', () => {
    const pkcs8 = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    })
    expect(parse({ ...valid, privateKey: pkcs8 })?.privateKey.asymmetricKeyType).toBe('rsa')
  })

  it('take the public key of a certificate for it', () => {
    const publicKey = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const keys = [certificate, publicKey].map(text => {
      const security = parse({ ...valid, platformCertificates: [{ serial, certificate: text }] })
      return security?.platformKeys.get(serial)?.export({ type: 'spki', format: 'pem' })
    })
    expect(keys).toEqual([publicKey, publicKey])
  })

  const sm2Like = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  it.each([
    ['security', 5],
    ['security', null],
    ['security.symmetricKey', { symmetricKey: undefined }],
    ['security.symmetricKey', { symmetricKey: 'AAAA' }],
    ['security.symmetricKey', { symmetricKey: Buffer.alloc(16).toString('base64') }],
    ['security.symmetricKeySn', { symmetricKeySn: '' }],
    ['security.privateKey', { privateKey: 'no key' }],
    ['security.privateKey', { privateKey: sm2Like.privateKey.export({ type: 'pkcs8', format: 'pem' }) }],
    ['security.publicKeySn', { publicKeySn: 'with space' }],
    ['security.platformCertificates', { platformCertificates: [] }],
    ['security.platformCertificates', { platformCertificates: undefined }],
    ['security.platformCertificates[0].serial', { platformCertificates: [{ certificate }] }],
    ['security.platformCertificates[0].serial', { platformCertificates: [null] }],
    ['security.platformCertificates[0].certificate', { platformCertificates: [{ serial, certificate: 'none' }] }],
    ['security.platformCertificates[0].certificate', { platformCertificates: [{ serial, certificate: privateKey }] }],
    [
      'security.platformCertificates[0].certificate',
      { platformCertificates: [{ serial, certificate: curveCertificate }] },
    ],
    [
      'security.platformCertificates[1].serial',
      {
        platformCertificates: [
          { serial, certificate },
          { serial, certificate },
        ],
      },
    ],
    ['security.paths', { paths: ['/sns/jscode2session'] }],
    ['security.paths', { paths: '/wxa/getuserriskrank' }],
    ['security.urlBase', { urlBase: 'api.weixin.qq.com' }],
    ['security.urlBase', { urlBase: 'https://api.weixin.qq.com?x=1' }],
    ['security.maxClockSkewSeconds', { maxClockSkewSeconds: 0 }],
    ['security.onDeprecatedCertificate', { onDeprecatedCertificate: 'log' }],
  ])('name %s when it is wrong, and not its value', (name, change) => {
    const security = typeof change === 'object' && change !== null ? { ...valid, ...change } : change
    let message = ''
    try {
      parse(security)
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError)
      message = (error as TypeError).message
    }
    expect(message.startsWith(`${name}: expected `), message).toBe(true)
    for (const secret of [symmetricKey, privateKey]) expect(message).not.toContain(secret)
  })
})
