import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { developmentApp } from '@mplogin/contract'
import Fastify from 'fastify'
import { createCallLog } from './calls/call-log.js'
import { isLoopback } from './control/guard.js'
import { controlPlugin } from './control/plugin.js'
import { createVerbs } from './create-verbs.js'
import { codeToSession } from './endpoints/code-to-session.js'
import { createPhoneNumber } from './endpoints/phone-number.js'
import { legacyToken, stableToken } from './endpoints/tokens.js'
import { createFaults } from './faults/faults.js'
import type { EmulatorVerbs } from './verbs.js'
import { addWechatRoutes } from './wire/routes.js'
import type { Clock, EmulatedApp, RandomBytes } from './world/types.js'
import { createWorld } from './world/world.js'

/** How an emulator is started; everything has a default. */
export interface EmulatorOptions {
  /** Default 127.0.0.1; anything that other machines reach needs `allowRemote`. */
  readonly host?: string
  /** Default 0: chosen by the system. */
  readonly port?: number
  readonly allowRemote?: boolean
  /** Default: the development app that `@mplogin/server` knows too. */
  readonly apps?: readonly EmulatedApp[]
  /** What its clock starts from; `advanceClock` adds to it. */
  readonly clock?: Clock
  /** What an openid that is not the phone code's owner is answered with. Default 40003; WeChat does not document it. */
  readonly openidMismatchErrcode?: number
  readonly random?: RandomBytes
}

/** A running emulator. */
export interface Emulator extends EmulatorVerbs {
  /** Where it answers, such as http://127.0.0.1:3001. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts WeChat's side on a port of its own.
 *
 * @throws TypeError when the host is not loopback and `allowRemote` is not set · the system's error when the port is taken
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { host = '127.0.0.1', port = 0, allowRemote = false, openidMismatchErrcode = 40003 } = options
  if (!isLoopback(host) && !allowRemote) {
    throw new TypeError(
      `host: ${host} is not a loopback address; the emulator listens there only when remote access is allowed`,
    )
  }
  const { clock = () => new Date(), random = randomBytes, apps = [developmentApp] } = options
  const world = createWorld({ apps, clock, random })
  const faults = createFaults()
  const log = createCallLog()

  const verbs = createVerbs({ world, faults, log })

  const server = Fastify({ forceCloseConnections: true, exposeHeadRoutes: false })
  const endpoints = [codeToSession, legacyToken, stableToken, createPhoneNumber({ openidMismatchErrcode })]
  await server.register(async scope => addWechatRoutes(scope, { world, faults, log, endpoints }))
  await server.register(controlPlugin, { prefix: '/_emulator', emulator: verbs, allowRemote })
  await server.listen({ host, port })
  const address = server.server.address() as AddressInfo
  return {
    ...verbs,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: () => server.close(),
  }
}
