import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createApp, createLogger, readConfig } from '@mplogin/server'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, createApi } from './support/api.js'
import { appA, type System, startSystem } from './support/system.js'

const phonePath = '/wxa/business/getuserphonenumber'
const symmetricKey = randomBytes(32).toString('base64')
const symmetricKeySn = 'number-of-the-symmetric-key'
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

describe('an app whose API security mode is switched on', () => {
  let system: System
  let servers: FastifyInstance[]
  let phones = 13_900_000_000
  beforeAll(async () => {
    system = await startSystem()
    servers = []
    const security = { symmetricKey, symmetricSn: symmetricKeySn, publicKey: keys.publicKey, required: [phonePath] }
    system.emulator.addApp({ ...appA, security })
  })
  afterAll(async () => {
    for (const server of servers) await server.close()
    await system.close()
  })

  /** A server with these keys of the app in its settings. */
  async function serve(change: Record<string, unknown> = {}): Promise<Api> {
    const { serial, publicKey: certificate } = system.emulator.platformKeys().current
    const platformCertificates = [{ serial, certificate }]
    const security = { symmetricKey, symmetricKeySn, privateKey: keys.privateKey, platformCertificates, ...change }
    const env = { ...system.env, WECHAT_APPS: JSON.stringify([{ ...appA, security }]) }
    const config = readConfig({ env, directory: system.directory })
    const server = await createApp(config, { clock: system.clock, logger: createLogger('silent') })
    servers.push(server)
    return createApi(await server.listen({ host: '127.0.0.1', port: 0 }))
  }

  const logIn = async (api: Api) => {
    const lin = system.person(String(phones++))
    const { status, body } = await api.loginByPhone({ code: lin.phoneCode(), loginCode: lin.loginCode() })
    return [status, body.code]
  }

  it('logs in by phone, encrypted and signed both ways', async () => {
    expect(await logIn(await serve())).toEqual([200, 'OK'])
    const [call] = system.emulator.calls().filter(({ path }) => path === phonePath)
    expect(JSON.stringify(call?.requestSummary)).toContain('authtag')
  })

  it('is refused in the clear, and with keys that WeChat does not have', async () => {
    expect(await logIn(system.api)).toEqual([500, 'WECHAT_CONFIG'])
    expect(await logIn(await serve({ symmetricKey: randomBytes(32).toString('base64') }))).toEqual([
      500,
      'WECHAT_CONFIG',
    ])
  })

  it('believes no answer that is not signed by a key it knows', async () => {
    const { publicKey: certificate } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const { serial } = system.emulator.platformKeys().current
    expect(await logIn(await serve({ platformCertificates: [{ serial, certificate }] }))).toEqual([
      502,
      'WECHAT_UNAVAILABLE',
    ])
  })

  it('goes on while WeChat replaces its key, and with both known after that', async () => {
    const api = await serve()
    const former = system.emulator.platformKeys().current
    system.emulator.rotatePlatformKey()
    expect(await logIn(api)).toEqual([200, 'OK'])
    const both = [former, system.emulator.platformKeys().current].map(({ serial, publicKey: certificate }) => ({
      serial,
      certificate,
    }))
    expect(await logIn(await serve({ platformCertificates: both }))).toEqual([200, 'OK'])
  })

  it('stops the start when a key is none, without quoting it', async () => {
    const work = serve({ privateKey: 'not-a-key-but-secret' })
    await expect(work).rejects.toThrow(/security\.privateKey: expected an RSA private key in PEM/)
    await expect(work).rejects.not.toThrow(/not-a-key-but-secret/)
  })
})
