import { createPublicKey } from 'node:crypto'
import { EmulatorError } from '../emulator-error.js'
import type { EmulatedApp } from './types.js'

/** The mini programs that this WeChat knows; the first is meant where none is named. */
export function createApps(configured: readonly EmulatedApp[]) {
  if (configured.length === 0) throw new TypeError('apps: expected at least one')
  const apps = new Map<string, EmulatedApp>()

  /** @throws EmulatorError BAD_REQUEST when a key of it is none */
  function add(app: EmulatedApp): void {
    checkKeys(app)
    apps.set(app.appid, { ...app })
  }

  /** Back to the configured ones. */
  function reset(): void {
    apps.clear()
    for (const app of configured) add(app)
  }
  reset()

  return {
    reset,
    add,
    all: () => [...apps.values()],
    find: (appid: string) => apps.get(appid),
    /** @throws EmulatorError NOT_FOUND */
    get(appid?: string): EmulatedApp {
      const app = appid === undefined ? apps.values().next().value : apps.get(appid)
      if (!app) throw new EmulatorError('NOT_FOUND', 'there is no app with this appid')
      return app
    },
  }
}

export type Apps = ReturnType<typeof createApps>

function checkKeys({ security, push }: EmulatedApp): void {
  const { symmetricKey, symmetricSn, publicKey } = security ?? {}
  if (symmetricKey !== undefined && Buffer.from(symmetricKey, 'base64').length !== 32)
    throw new EmulatorError('BAD_REQUEST', 'security.symmetricKey: expected 32 bytes in base64')
  if ((symmetricKey === undefined) !== (symmetricSn === undefined))
    throw new EmulatorError('BAD_REQUEST', 'security: expected symmetricKey and symmetricSn together')
  if (publicKey !== undefined && !isRsaKey(publicKey))
    throw new EmulatorError('BAD_REQUEST', 'security.publicKey: expected an RSA public key in PEM')
  const { mode = 'plain', encodingAESKey } = push ?? {}
  if (mode !== 'plain' && !/^[A-Za-z0-9]{43}$/.test(encodingAESKey ?? ''))
    throw new EmulatorError('BAD_REQUEST', `push.encodingAESKey: expected 43 letters and digits, for mode ${mode}`)
}

function isRsaKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}
